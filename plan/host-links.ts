// The links of a host: which NICs carry which VLANs through which bond or bridge, and whether the switch side agrees.
import type { Environment } from "../config/schema.ts";
import type { CableEnd, Cables } from "./cables.ts";
import type { Draft } from "./draft.ts";
import { sortedEntries } from "./order.ts";

type Host = Environment["hosts"][string];

/** The physical NICs under a link, whatever it is; empty if there is no such link. */
export function nicsUnder(host: Host, link: string): string[] {
  if (host.bonds[link] !== undefined) return [...host.bonds[link].members].sort();
  if (host.bridges[link] !== undefined)
    return host.bridges[link].ports.flatMap((port) => (port === link ? [] : nicsUnder(host, port)));
  return host.nics[link] === undefined ? [] : [link];
}

/** VLANs that a bond or NIC has to carry: its own addresses and what the bridges on it carry. */
export function vlansOn(host: Host, link: string): Set<string> {
  const vlans = new Set<string>();
  for (const [vlan, place] of Object.entries(host.addresses)) if (place.link === link) vlans.add(vlan);
  for (const [name, bridge] of Object.entries(host.bridges)) {
    if (name !== link && !bridge.ports.includes(link)) continue;
    for (const vlan of bridge.vlans) vlans.add(vlan);
    for (const [vlan, place] of Object.entries(host.addresses)) if (place.link === name) vlans.add(vlan);
  }
  return vlans;
}

/** All checks of one host's links. */
export function checkHostLinks(draft: Draft, name: string, host: Host, cables: Cables): void {
  const path = `hosts.${name}`;
  checkUse(draft, path, host);
  for (const [bond, settings] of sortedEntries(host.bonds)) checkBond(draft, name, bond, settings, host, cables);
  for (const [bridge, settings] of sortedEntries(host.bridges)) {
    settings.vlans.forEach((vlan, i) =>
      draft.known("vlan", vlan, Object.keys(draft.env.vlans), `${path}.bridges.${bridge}.vlans[${i}]`),
    );
  }
  for (const [vlan, place] of sortedEntries(host.addresses)) {
    const placePath = `${path}.addresses.${vlan}`;
    const known = draft.known("vlan", vlan, Object.keys(draft.env.vlans), placePath);
    const links = [...Object.keys(host.bridges), ...Object.keys(host.bonds), ...Object.keys(host.nics)];
    if (!draft.known("link", place.link, links, `${placePath}.link`) || !known) continue;
    const bridge = host.bridges[place.link];
    if (bridge !== undefined && !bridge.vlans.includes(vlan)) {
      draft.error(
        "vlan-not-on-bridge",
        `${path}.bridges.${place.link}.vlans`,
        `the host's address on VLAN ${vlan} lies on ${place.link}, which does not carry that VLAN; add ${vlan} to its vlans`,
      );
    }
  }
  checkSwitchSide(draft, name, host, cables);
}

/** A NIC or bond belongs to one thing only. */
function checkUse(draft: Draft, path: string, host: Host): void {
  const users = new Map<string, string>();
  const use = (link: string, user: string, where: string): void => {
    const other = users.get(link);
    if (other !== undefined)
      draft.error(
        "link-used-twice",
        where,
        `${link} is already used by ${other}; it can belong to one bond or bridge only`,
      );
    else users.set(link, user);
  };
  for (const [bond, settings] of sortedEntries(host.bonds)) {
    settings.members.forEach((member, i) => {
      const where = `${path}.bonds.${bond}.members[${i}]`;
      if (draft.known("nic", member, Object.keys(host.nics), where)) use(member, bond, where);
    });
  }
  for (const [bridge, settings] of sortedEntries(host.bridges)) {
    settings.ports.forEach((port, i) => {
      const where = `${path}.bridges.${bridge}.ports[${i}]`;
      if (draft.known("link", port, [...Object.keys(host.nics), ...Object.keys(host.bonds)], where))
        use(port, bridge, where);
    });
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

function checkBond(
  draft: Draft,
  hostName: string,
  name: string,
  bond: Host["bonds"][string],
  host: Host,
  cables: Cables,
): void {
  const path = `hosts.${hostName}.bonds.${name}`;
  if (!/^[A-Za-z][A-Za-z0-9]{0,9}$/.test(name))
    draft.error(
      "bond-name",
      path,
      `"${name}" is no bond name for Proxmox; use a letter and up to nine letters or digits, e.g. bond0`,
    );
  const speeds = new Set(bond.members.flatMap((m) => host.nics[m]?.speedMbps ?? []));
  if (speeds.size > 1)
    draft.error(
      "bond-speed-unequal",
      `${path}.members`,
      `the members have ${[...speeds].sort((a, b) => a - b).join(" and ")} Mbit/s; 802.3ad joins links of one speed only`,
    );
  if (bond.members.length === 1)
    draft.warn(
      "bond-single-member",
      `${path}.members`,
      `${name} has one member: no redundancy and no more speed than the NIC alone`,
    );
  const ends = bond.members.flatMap((member): (CableEnd & { member: string })[] => {
    if (host.nics[member] === undefined) return [];
    const end = cables.get(`${hostName}/${member}`);
    if (end === undefined) {
      draft.error(
        "bond-member-not-cabled",
        `${path}.members`,
        `${member} is in no switch's port table; add the port it is plugged into`,
      );
      return [];
    }
    return [{ ...end, member }];
  });
  const switches = new Set(ends.map((end) => end.switchName));
  if (switches.size > 1) {
    draft.error(
      "bond-across-switches",
      `${path}.members`,
      `the members are plugged into ${[...switches].sort().join(" and ")}; an LACP group ends at one switch, move the cables to one`,
    );
    return;
  }
  const lags = new Set(ends.map((end) => end.lag));
  if (bond.mode === "802.3ad") {
    for (const end of ends) {
      if (!end.lacp)
        draft.error(
          "switch-without-lacp",
          `${path}.mode`,
          `${end.switchName} cannot form LACP groups; use mode active-backup or another switch`,
        );
      else if (end.lag === undefined)
        draft.error(
          "lacp-only-on-host",
          `${end.path}.lag`,
          `${hostName} bonds ${end.member} with LACP but port ${end.port} is in no group; add lag: to it`,
        );
    }
    if (lags.size > 1 && !lags.has(undefined))
      draft.error(
        "bond-across-groups",
        `${path}.members`,
        `the ports are in different LACP groups (${[...lags].join(", ")}); put them into one`,
      );
  } else {
    for (const end of ends.filter((e) => e.lag !== undefined)) {
      draft.error(
        "lacp-only-on-switch",
        `${end.path}.lag`,
        `port ${end.port} is in LACP group ${end.lag} but ${name} of ${hostName} is ${bond.mode}; take the port out of the group`,
      );
    }
  }
}

/** Every VLAN the host tags must arrive tagged at the switch, and every packet must fit. */
function checkSwitchSide(draft: Draft, hostName: string, host: Host, cables: Cables): void {
  for (const link of [...Object.keys(host.bonds), ...Object.keys(host.nics)].sort()) {
    const inBond = Object.values(host.bonds).some((bond) => bond.members.includes(link));
    const vlans = inBond ? new Set<string>() : vlansOn(host, link);
    const mtu = Math.max(0, ...[...vlans].map((vlan) => draft.env.vlans[vlan]?.mtu ?? 0));
    const bondMtu = host.bonds[link]?.mtu;
    if (bondMtu !== undefined && mtu > bondMtu) {
      draft.error(
        "mtu-exceeds-path",
        `hosts.${hostName}.bonds.${link}.mtu`,
        `${link} passes ${bondMtu} bytes but a VLAN on it needs ${mtu}; raise the bond's mtu or lower the VLAN's`,
      );
    }
    for (const nic of nicsUnder(host, link)) {
      const end = cables.get(`${hostName}/${nic}`);
      if (end === undefined) {
        if (vlans.size > 0 && host.bonds[link] === undefined) {
          draft.error(
            "nic-not-cabled",
            `hosts.${hostName}.nics.${nic}`,
            `${nic} carries ${[...vlans].sort().join(", ")} but is in no switch's port table; add the port it is plugged into`,
          );
        }
        continue;
      }
      for (const vlan of [...vlans].sort()) {
        if (end.native === vlan)
          draft.error(
            "vlan-untagged-on-switch",
            `${end.path}.native`,
            `${hostName} sends VLAN ${vlan} tagged on ${nic} but port ${end.port} has it native (untagged); list it under tagged`,
          );
        else if (!end.tagged.has(vlan))
          draft.error(
            "vlan-not-on-port",
            `${end.path}.tagged`,
            `${hostName} needs VLAN ${vlan} on ${nic} but port ${end.port} of ${end.switchName} does not carry it; add ${vlan}`,
          );
        const need = draft.env.vlans[vlan]?.mtu ?? 0;
        if (need > end.mtu)
          draft.error(
            "mtu-exceeds-path",
            `vlans.${vlan}.mtu`,
            `VLAN ${vlan} has an MTU of ${need} but port ${end.port} of ${end.switchName} (${end.path}) forwards ${end.mtu} bytes at most; raise the switch's mtu or lower the VLAN's`,
          );
      }
      const idle = [...end.tagged].filter((vlan) => !vlans.has(vlan)).sort();
      if (idle.length > 0 && vlans.size > 0)
        draft.note(
          "vlan-unused-on-port",
          `${end.path}.tagged`,
          `port ${end.port} also carries ${idle.join(", ")}, which ${hostName} does not use on ${nic}`,
        );
    }
  }
}
