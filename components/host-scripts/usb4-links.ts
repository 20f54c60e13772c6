// Thunderbolt networking on one Proxmox host: drivers at boot, names that stay with the port, and the routing daemon of the fabric.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderUsb4Links}. */
export interface Usb4LinksScript {
  readonly host: string;
  /** Cabled ports: the name each gets, and the PCI path of its controller, e.g. `0000:00:0d.2`. */
  readonly ports: readonly { readonly interface: string; readonly pciPath: string }[];
  /** Bytes. */
  readonly mtu: number;
}

/**
 * Names come from systemd's link files, which the initial RAM disk holds too: the driver may be loaded before the root file system is
 * there. They carry the MTU, so that a cable that is plugged in again comes back with it; its address comes back by a rule of udev, as
 * ifupdown2 does not hear of an interface that is made anew (CumulusNetworks/ifupdown2#213). The SDN's fabrics need FRR, which Proxmox VE does
 * not install by itself (pvesdn, "Fabrics: Installation").
 *
 * Uses: apt-get, cat, dpkg-query, mkdir, modprobe, mv, printf, systemctl, tee, udevadm, update-initramfs.
 */
export function renderUsb4Links(args: Usb4LinksScript): string {
  const files = args.ports.map((port) => ({
    path: `/etc/systemd/network/00-${port.interface}.link`,
    text: [
      "[Match]",
      `Path=pci-${port.pciPath}`,
      "Driver=thunderbolt-net",
      "[Link]",
      "MACAddressPolicy=none",
      `Name=${port.interface}`,
      `MTUBytes=${args.mtu}`,
    ].join("\n"),
  }));
  const names = args.ports.map((port) => port.interface).join("|");
  const ifup = "/usr/bin/systemd-run --no-block --collect --property=After=networking.service /usr/sbin/ifup %k";
  const rule = {
    path: "/etc/udev/rules.d/90-usb4-ring.rules",
    text: `ACTION=="add|move", SUBSYSTEM=="net", KERNEL=="${names}", RUN+="${ifup}"`,
  };
  const modules = { path: "/etc/modules-load.d/usb4-ring.conf", text: "thunderbolt\nthunderbolt-net" };
  return renderScript(
    { host: args.host, step: "USB4 links" },
    `
changed=
# install path: what is on stdin becomes the file, if it is another
install_file() {
  wanted=$(cat)
  present=$(cat "$1" 2>/dev/null) || present=
  [ "$present" = "$wanted" ] && return 0
  printf '%s\\n' "$wanted" | tee "$1.new" >/dev/null
  mv "$1.new" "$1"
  say "wrote $1"
  changed=yes
}
mkdir -p /etc/systemd/network /etc/modules-load.d /etc/udev/rules.d
${[modules, rule, ...files].map(({ path, text }) => `install_file ${quote(path)} <<'FILE'\n${text}\nFILE`).join("\n")}
for package in frr frr-pythontools; do
  dpkg-query -W "$package" >/dev/null 2>&1 || { apt-get update >&2; apt-get install -y "$package" >&2; }
done
systemctl is-enabled frr >/dev/null 2>&1 || systemctl enable --now frr >&2
if [ -n "$changed" ]; then
  update-initramfs -u -k all >&2
  udevadm control --reload
fi
modprobe thunderbolt
modprobe thunderbolt-net
say "done"
`,
  );
}

/**
 * Waits for the interfaces of one host. For when every host has the driver: an interface is there only with one at both ends of the cable.
 *
 * Uses: ip, printf, sleep.
 */
export function renderUsb4Check({ host, ports }: Pick<Usb4LinksScript, "host" | "ports">): string {
  const wait = (link: string): string => {
    const what = `${link}: its cable plugged in and the host at the other end up; after the very first time, a restart of the host gives it its name`;
    return `wait_for ${quote(what)} 10 3 ip link show ${link}`;
  };
  return renderScript({ host, step: "USB4 cables" }, ports.map((port) => wait(port.interface)).join("\n"));
}
