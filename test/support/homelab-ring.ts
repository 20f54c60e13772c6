// The homelab with a USB4 ring between its three Proxmox hosts, as changes to its description.
import type { Changes } from "./configs.ts";

const usb4Ports = {
  a: { busPath: "0-1.0", pciPath: "0000:00:0d.2" },
  b: { busPath: "1-1.0", pciPath: "0000:00:0d.3" },
};

export const homelabRing: Changes = {
  "hosts.pve-ms01-01.usb4Ports": usb4Ports,
  "hosts.pve-ms01-02.usb4Ports": usb4Ports,
  "hosts.pve-aimax-01.usb4Ports": usb4Ports,
  usb4Ring: {
    prefix: "10.8.49.0/24",
    members: { "pve-ms01-01": "10.8.49.1", "pve-ms01-02": "10.8.49.2", "pve-aimax-01": "10.8.49.3" },
    cables: [
      ["pve-ms01-01/a", "pve-ms01-02/b"],
      ["pve-ms01-02/a", "pve-aimax-01/b"],
      ["pve-aimax-01/a", "pve-ms01-01/b"],
    ],
  },
};
