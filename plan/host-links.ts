// The links of a host: which NICs carry which VLANs through which bond or bridge, and that each belongs to one thing only.
import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";
import { sortedEntries, sortedTexts } from "./order.ts";

type Host = Environment["hosts"][string];

/** Longest name of a network interface in Linux (IFNAMSIZ less the final zero). */
const maxInterfaceName = 15;

/** The physical NICs under a link, whatever it is; empty if there is no such link. */
export function nicsUnder(host: Host, link: string): string[] {
  if (host.bonds[link] !== undefined) return sortedTexts(host.bonds[link].members);
  const bridge = host.bridges[link];
  // A bridge that names a bridge as its port is reported elsewhere and not followed.
  if (bridge !== undefined) {
    return bridge.ports.flatMap((port) => (host.bridges[port] === undefined ? nicsUnder(host, port) : []));
  }
  return host.nics[link] === undefined ? [] : [link];
}

/** VLANs that a bond or NIC has to carry: the host's or its node's addresses, and what the bridges on it carry. */
export function vlansOn(draft: Draft, hostName: string, host: Host, link: string): Set<string> {
  const vlans = new Set<string>();
  for (const [vlan, place] of Object.entries(host.addresses)) if (place.link === link) vlans.add(vlan);
  for (const [name, bridge] of Object.entries(host.bridges)) {
    if (name !== link && !bridge.ports.includes(link)) continue;
    for (const vlan of bridge.vlans) vlans.add(vlan);
    for (const [vlan, place] of Object.entries(host.addresses)) if (place.link === name) vlans.add(vlan);
  }
  for (const [vlan, nodeLink] of Object.entries(draft.metalNode(hostName)?.links ?? {})) {
    if (nodeLink === link) vlans.add(vlan);
  }
  return vlans;
}

/** Checks names, and that nothing is used twice. */
export function checkHostLinks(draft: Draft, name: string, host: Host): void {
  const path = `hosts.${name}`;
  const { vlans } = draft.env;
  checkUse(draft, path, host);
  for (const [bridge, settings] of sortedEntries(host.bridges)) {
    for (const [i, vlan] of settings.vlans.entries()) {
      draft.known("vlan", vlan, vlans, `${path}.bridges.${bridge}.vlans[${i}]`);
    }
    if (!isProxmoxName(bridge)) {
      draft.error(
        "bridge-name",
        `${path}.bridges.${bridge}`,
        `"${bridge}" is no bridge name for Proxmox; use a letter and up to nine letters or digits, e.g. vmbr0`,
      );
    }
  }
  for (const [vlan, place] of sortedEntries(host.addresses)) {
    const placePath = `${path}.addresses.${vlan}`;
    const known = draft.known("vlan", vlan, vlans, placePath);
    if (!draft.known("link", place.link, [host.bridges, host.bonds, host.nics], `${placePath}.link`) || !known)
      continue;
    const bridge = host.bridges[place.link];
    if (bridge !== undefined && !bridge.vlans.includes(vlan)) {
      draft.error(
        "vlan-not-on-bridge",
        `${path}.bridges.${place.link}.vlans`,
        `the host's address on VLAN ${vlan} lies on ${place.link}, which does not carry that VLAN; add ${vlan} to its vlans`,
      );
    }
    checkInterfaceName(draft, `${place.link}.${vlans[vlan]?.id}`, `${placePath}.link`);
  }
}

/** Linux refuses longer names, in the middle of setting up the network. */
export function checkInterfaceName(draft: Draft, name: string, path: string): void {
  if (name.length <= maxInterfaceName) return;
  draft.error(
    "interface-name-too-long",
    path,
    `the VLAN interface would be called ${name}, ${name.length} letters long; Linux takes ${maxInterfaceName}, put a bond or bridge with a short name between`,
  );
}

/** Bonds and bridges of Proxmox VE: what its API and its network form take. */
export function isProxmoxName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9]{0,9}$/.test(name);
}

/** A NIC or bond belongs to one thing only. */
function checkUse(draft: Draft, path: string, host: Host): void {
  const users = new Map<string, string>();
  const use = (link: string, user: string, where: string): void => {
    const other = users.get(link);
    if (other === undefined) users.set(link, user);
    else {
      const message = `${link} is already used by ${other}; it can belong to one bond or bridge only`;
      draft.error("link-used-twice", where, message);
    }
  };
  for (const [bond, settings] of sortedEntries(host.bonds)) {
    for (const [i, member] of settings.members.entries()) {
      const where = `${path}.bonds.${bond}.members[${i}]`;
      if (draft.known("nic", member, host.nics, where)) use(member, bond, where);
    }
  }
  for (const [bridge, settings] of sortedEntries(host.bridges)) {
    for (const [i, port] of settings.ports.entries()) {
      const where = `${path}.bridges.${bridge}.ports[${i}]`;
      if (draft.known("link", port, [host.nics, host.bonds], where)) use(port, bridge, where);
    }
  }
  for (const [vlan, place] of sortedEntries(host.addresses)) {
    const user = users.get(place.link);
    if (user !== undefined && host.bridges[place.link] === undefined && user !== place.link) {
      draft.error(
        "address-on-member",
        `${path}.addresses.${vlan}.link`,
        `${place.link} is a member of ${user}; an address goes on ${user}, not on its member`,
      );
    }
  }
}
