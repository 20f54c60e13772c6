// MAC addresses: well formed, of one device each, and never used twice, whether given or derived.
import type { Draft } from "./draft.ts";
import { sortedEntries } from "./order.ts";
import type { HardwarePlan, NodePlan } from "./plan.ts";

/** Checks the MACs of NICs, management controllers and virtual machines. */
export function checkMacs(draft: Draft, hardware: HardwarePlan, nodes: readonly NodePlan[]): void {
  const owners = new Map<string, Owner>();
  const claim = (mac: string, owner: Owner): void => {
    const other = owners.get(mac);
    if (other === undefined) owners.set(mac, owner);
    else {
      const message = `${mac} of ${nameOf(owner)} is also the MAC of ${nameOf(other)} (${pathOf(draft, other)}); frames would reach either, give each its own`;
      draft.error("mac-twice", pathOf(draft, owner), message);
    }
  };
  for (const host of hardware.hosts) {
    const given = draft.env.hosts[host.name];
    for (const nic of host.nics) {
      const isGiven = given?.nics[nic.name]?.mac !== undefined;
      const owner: Owner = { kind: "nic", device: host.name, nic: nic.name };
      if (!isGiven || isMac(draft, nic.mac, pathOf(draft, owner))) claim(nic.mac, owner);
    }
    const mac = given?.outOfBand?.mac;
    const owner: Owner = { kind: "controller", device: host.name, nic: given?.outOfBand?.name ?? "" };
    if (mac !== undefined && isMac(draft, mac, pathOf(draft, owner))) claim(mac.toLowerCase(), owner);
  }
  for (const node of nodes) {
    for (const nic of node.vm?.nics ?? []) claim(nic.mac, { kind: "machine", device: node.name, nic: nic.name });
  }
  for (const [host, { usb4Ports }] of sortedEntries(draft.env.hosts)) checkBusPaths(draft, host, usb4Ports);
}

/** Names and paths are only put together for those that are in conflict. */
interface Owner {
  readonly kind: "nic" | "controller" | "machine";
  readonly device: string;
  readonly nic: string;
}

function nameOf({ kind, device, nic }: Owner): string {
  return kind === "controller" ? nic : `${device}/${nic}`;
}

function pathOf(draft: Draft, { kind, device, nic }: Owner): string {
  if (kind === "machine") return `nodes.${device}.vm`;
  if (kind === "controller") return `hosts.${device}.outOfBand.mac`;
  const isGiven = draft.env.hosts[device]?.nics[nic]?.mac !== undefined;
  return `hosts.${device}.nics.${nic}${isGiven ? ".mac" : ""}`;
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
