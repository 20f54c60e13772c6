// The shape of what stands in the rack: switches with the other end of every cable, hosts with their NICs and disks.
import { z } from "zod";
import { diskProperties } from "./disk-schema.ts";
import { address, label, mtu, sizeGiB, speedMbps } from "./scalar-schema.ts";

const switchPort = z.strictObject({
  speedMbps: speedMbps.describe("link speed in Mbit/s"),
  host: z.string().optional().describe("host that is cabled to this port"),
  nic: z.string().optional().describe("NIC of that host"),
  uplink: z.string().optional().describe("switch or router at the other end"),
  device: z
    .string()
    .optional()
    .describe("what else is plugged in and leads no further: a device of a VLAN, or a host's management controller"),
  native: z.string().optional().describe("VLAN whose frames are untagged on this port"),
  tagged: z
    .union([z.literal("all"), z.array(z.string())])
    .default([])
    .describe("VLANs whose frames are tagged on this port"),
  lag: z.string().optional().describe("LACP group (802.3ad) this port is a member of"),
  mtu: mtu.optional().describe("largest IP packet this port forwards; default: the switch's"),
});

/** A switch, and what is plugged into it. */
export const networkSwitch = z.strictObject({
  model: z.string().describe("as its maker calls it"),
  os: z.enum(["unifi", "routeros", "other"]).describe("decides the form of the generated port configuration"),
  address: address.optional().describe("management address"),
  mtu: mtu.default(1500).describe("largest IP packet the switch forwards"),
  lacp: z.boolean().default(true).describe("whether it can form 802.3ad groups"),
  ports: z.record(z.string(), switchPort).describe("port name to what is plugged in and how the port is set"),
});

const disk = z.strictObject({
  device: z.string().describe("stable path, e.g. /dev/disk/by-id/nvme-…"),
  sizeGiB: sizeGiB.describe("size in GiB"),
  use: z
    .enum(["system", "osd", "linstor", "data", "unused"])
    .describe("what it is for; osd and linstor disks are taken whole"),
  ...diskProperties,
});

const nic = z.strictObject({
  speedMbps: speedMbps.describe("link speed in Mbit/s"),
  mac: z
    .string()
    .optional()
    .describe("permanent hardware address; needed for Talos on the metal, where names are aliases by address"),
});

const bond = z.strictObject({
  members: z.array(z.string()).min(1).describe("NICs"),
  mode: z
    .enum(["802.3ad", "active-backup"])
    .default("802.3ad")
    .describe("802.3ad: LACP, all members at once; active-backup: one at a time"),
  xmitHashPolicy: z
    .enum(["layer2", "layer2+3", "layer3+4"])
    .default("layer3+4")
    .describe("what decides the member a packet leaves by; only with 802.3ad"),
  lacpRate: z.enum(["slow", "fast"]).default("fast").describe("fast: a dead link is found in 3 seconds; slow: in 90"),
  mtu: mtu.optional().describe("default: the largest MTU of the VLANs on it"),
});

const bridge = z.strictObject({
  ports: z.array(z.string()).min(1).describe("NIC or bond that the bridge sends through"),
  vlans: z.array(z.string()).min(1).describe("VLANs that the bridge carries"),
});

/** A machine in the rack. */
export const host = z.strictObject({
  model: z.string().describe("as its maker calls it"),
  rack: label
    .optional()
    .describe("rack it stands in: the zone of its nodes, and LINSTOR's replicas of a volume lie in different ones"),
  retire: z
    .boolean()
    .default(false)
    .describe("it is to go: a Proxmox host may be removed from here only after an up with this set, and emptied"),
  cpuCores: z.number().int().positive().describe("threads that virtual machines may share"),
  memoryGiB: sizeGiB.describe("memory in GiB"),
  disks: z.record(z.string(), disk).describe("disks by a name of your choice"),
  nics: z.record(z.string(), nic).describe("NICs by the name that Linux gives them"),
  bonds: z.record(z.string(), bond).default({}).describe("bonds by name, e.g. bond0"),
  bridges: z.record(z.string(), bridge).default({}).describe("VLAN-aware bridges by name, e.g. vmbr0; only on Proxmox"),
  addresses: z
    .record(
      z.string(),
      z.strictObject({
        link: z.string().describe("NIC, bond or bridge"),
        address: address.describe("the host's address"),
      }),
    )
    .default({})
    .describe("VLAN to the host's own address on it"),
  outOfBand: z
    .strictObject({
      kind: z.enum(["vpro", "jetkvm", "ipmi", "other"]).describe("what it is"),
      name: label.describe("its name in the DNS zone"),
      address: address.describe("its address, on any of the VLANs"),
      mac: z.string().optional().describe("its permanent hardware address"),
      sharedNic: z.string().optional().describe("NIC of the host whose port it shares; vPro has none of its own"),
      tls: z
        .boolean()
        .default(true)
        .describe("vPro: answers on 16993 with TLS, the only way from AMT 16.1 on; false: on 16992 without"),
      firstBoot: z
        .enum(["by-hand", "boot-order", "network"])
        .default("by-hand")
        .describe(
          "who switches a new machine on the metal on; by-hand: you; with vPro also boot-order: the program, and it starts from what its firmware finds (a stick); network: the program, by PXE this once",
        ),
    })
    .optional()
    .describe("the host's management controller"),
  pxe: z
    .strictObject({
      nic: z.string().describe("NIC that its firmware boots from"),
      address: address.describe("its address while it is booted, on the VLAN of provisioning"),
    })
    .optional()
    .describe("how it is booted for the first time, by PXE; only on the metal"),
  usb4Ports: z
    .record(
      z.string(),
      z.strictObject({
        busPath: z.string().describe("e.g. 0-1.0"),
        pciPath: z.string().optional().describe("where the controller sits, to tell the ports apart"),
      }),
    )
    .default({})
    .describe("USB4 ports by a name of your choice"),
  watts: z
    .strictObject({
      idle: z.number().positive().describe("watts doing nothing"),
      max: z.number().positive().describe("watts at full load"),
    })
    .optional()
    .describe("power draw, for the budget"),
});
