// MAC addresses: well formed, of one device each, and never used twice, whether given or derived.
import type { Draft } from "./draft.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { HardwarePlan, NodePlan } from "./plan.ts";

/** Checks the MACs of NICs, management controllers and virtual machines. */
export function checkMacs(draft: Draft, hardware: HardwarePlan, nodes: readonly NodePlan[]): void {
  const owners = new Map<string, { owner: string; path: string }>();
  const claim = (mac: string, owner: string, path: string): void => {
    const other = owners.get(mac);
    if (other === undefined) owners.set(mac, { owner, path });
    else {
      const message = `${mac} of ${owner} is also the MAC of ${other.owner} (${other.path}); frames would reach either, give each its own`;
      draft.error("mac-twice", path, message);
    }
  };
  for (const host of hardware.hosts) {
    const given = draft.env.hosts[host.name];
    for (const nic of host.nics) {
      const path = `hosts.${host.name}.nics.${nic.name}`;
      const isGiven = given?.nics[nic.name]?.mac !== undefined;
      if (!isGiven || isMac(draft, nic.mac, `${path}.mac`))
        claim(nic.mac, `${host.name}/${nic.name}`, isGiven ? `${path}.mac` : path);
    }
    const controller = given?.outOfBand;
    const path = `hosts.${host.name}.outOfBand.mac`;
    if (controller?.mac !== undefined && isMac(draft, controller.mac, path))
      claim(controller.mac.toLowerCase(), controller.name, path);
  }
  for (const node of [...nodes].sort((a, b) => compareText(a.name, b.name))) {
    for (const nic of node.vm?.nics ?? []) claim(nic.mac, `${node.name}/${nic.name}`, `nodes.${node.name}.vm`);
  }
  for (const [host, { usb4Ports }] of sortedEntries(draft.env.hosts)) checkBusPaths(draft, host, usb4Ports);
}

function isMac(draft: Draft, mac: string, path: string): boolean {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) {
    draft.error("mac-invalid", path, `"${mac}" is no MAC address; write six hexadecimal pairs, e.g. 58:47:ca:00:01:01`);
    return false;
  }
  // The lowest bit of the first octet marks a group of receivers (IEEE 802).
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1) {
    draft.error("mac-invalid", path, `"${mac}" is a multicast address; no NIC has one, read it from the NIC again`);
    return false;
  }
  return true;
}

/** The bus path is to a USB4 port what the MAC is to a NIC: Talos finds the port by it. */
function checkBusPaths(
  draft: Draft,
  host: string,
  ports: Readonly<Record<string, { readonly busPath: string }>>,
): void {
  const used = new Map<string, string>();
  for (const [port, { busPath }] of sortedEntries(ports)) {
    const other = used.get(busPath);
    if (other !== undefined) {
      const message = `${busPath} is also the bus path of port ${other}; read both from the host, they differ`;
      draft.error("usb4-bus-path-twice", `hosts.${host}.usb4Ports.${port}.busPath`, message);
    }
    used.set(busPath, port);
  }
}
