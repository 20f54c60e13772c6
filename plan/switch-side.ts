// Whether a host and the switch at the other end of its cables agree: LACP, VLANs, and the size of packets.
import type { Environment } from "../config/schema.ts";
import type { CableEnd, Cables } from "./cables.ts";
import type { Draft } from "./draft.ts";
import { isProxmoxName, nicsUnder, vlansOn } from "./host-links.ts";
import { sortedEntries, sortedTexts } from "./order.ts";
import type { Carriers } from "./segments.ts";

type Host = Environment["hosts"][string];
type Bond = Host["bonds"][string];
type MemberEnd = CableEnd & { readonly member: string };

/** All checks between one host and its switches. */
export function checkSwitchSide(draft: Draft, hostName: string, host: Host, cables: Cables, carriers: Carriers): void {
  const groups = new Map<string, string>();
  for (const [name, bond] of sortedEntries(host.bonds)) {
    const path = `hosts.${hostName}.bonds.${name}`;
    checkBond(draft, path, name, bond, host);
    const ends = memberEnds(draft, path, hostName, bond, host, cables);
    if (bond.mode === "802.3ad") checkLacp(draft, path, hostName, ends, groups, name);
    else checkNoLacp(draft, ends, `${name} of ${hostName} is ${bond.mode}`);
  }
  const bonded = new Set(Object.values(host.bonds).flatMap((bond) => bond.members));
  // A member that is no NIC (reported elsewhere) may stand for any that is left.
  const isComplete = [...bonded].every((member) => host.nics[member] !== undefined);
  for (const nic of sortedTexts(Object.keys(host.nics))) {
    const end = bonded.has(nic) || !isComplete ? undefined : cables.get(`${hostName}/${nic}`);
    if (end !== undefined) checkNoLacp(draft, [{ ...end, member: nic }], `${nic} of ${hostName} is in no bond`);
  }
  for (const link of sortedTexts([...Object.keys(host.bonds), ...Object.keys(host.nics)])) {
    if (!bonded.has(link)) checkLink(draft, hostName, host, link, cables, carriers);
  }
}

function checkBond(draft: Draft, path: string, name: string, bond: Bond, host: Host): void {
  if (!isProxmoxName(name)) {
    draft.error(
      "bond-name",
      path,
      `"${name}" is no bond name for Proxmox; use a letter and up to nine letters or digits, e.g. bond0`,
    );
  }
  const speeds = [...new Set(bond.members.flatMap((member) => host.nics[member]?.speedMbps ?? []))];
  if (speeds.length > 1 && bond.mode === "802.3ad") {
    draft.error(
      "bond-speed-unequal",
      `${path}.members`,
      `the members have ${speeds.sort((a, b) => a - b).join(" and ")} Mbit/s; 802.3ad joins links of one speed only`,
    );
  }
  if (bond.members.length === 1) {
    draft.warn(
      "bond-single-member",
      `${path}.members`,
      `${name} has one member: no redundancy and no more speed than the NIC alone`,
    );
  }
}

function memberEnds(
  draft: Draft,
  path: string,
  hostName: string,
  bond: Bond,
  host: Host,
  cables: Cables,
): readonly MemberEnd[] {
  return bond.members.flatMap((member): MemberEnd[] => {
    if (host.nics[member] === undefined) return [];
    const end = cables.get(`${hostName}/${member}`);
    if (end !== undefined) return [{ ...end, member }];
    const message = `${member} is in no switch's port table; add the port it is plugged into`;
    draft.error("bond-member-not-cabled", `${path}.members`, message);
    return [];
  });
}

function checkLacp(
  draft: Draft,
  path: string,
  hostName: string,
  ends: readonly MemberEnd[],
  groups: Map<string, string>,
  name: string,
): void {
  const switches = sortedTexts(new Set(ends.map((end) => end.switchName)));
  if (switches.length > 1) {
    draft.error(
      "bond-across-switches",
      `${path}.members`,
      `the members are plugged into ${switches.join(" and ")}; an LACP group ends at one switch, move the cables to one`,
    );
    return;
  }
  if (ends[0]?.lacp === false) {
    draft.error(
      "switch-without-lacp",
      `${path}.mode`,
      `${ends[0].switchName} cannot form LACP groups; use mode active-backup or another switch`,
    );
    return;
  }
  for (const end of ends) {
    if (end.lag === undefined) {
      draft.error(
        "lacp-only-on-host",
        `${end.path}.lag`,
        `${hostName} bonds ${end.member} with LACP but port ${end.port} is in no group; add lag: to it`,
      );
    } else {
      const key = `${end.switchName}/${end.lag}`;
      const other = groups.get(key) ?? name;
      groups.set(key, other);
      if (other !== name) {
        draft.error(
          "lag-shared",
          `${end.path}.lag`,
          `LACP group ${end.lag} joins ports of ${other} and ${name} of ${hostName}; a group ends at one bond, give each its own`,
        );
      }
    }
  }
  const lags = sortedTexts(new Set(ends.flatMap((end) => end.lag ?? [])));
  if (lags.length > 1) {
    draft.error(
      "bond-across-groups",
      `${path}.members`,
      `the ports are in different LACP groups (${lags.join(", ")}); put them into one`,
    );
  }
}

function checkNoLacp(draft: Draft, ends: readonly MemberEnd[], what: string): void {
  for (const end of ends) {
    if (end.lag === undefined) continue;
    draft.error(
      "lacp-only-on-switch",
      `${end.path}.lag`,
      `port ${end.port} is in LACP group ${end.lag} but ${what}; take the port out of the group`,
    );
  }
}

/** Every VLAN the host tags must arrive tagged at the switch, and every packet must fit. */
function checkLink(draft: Draft, hostName: string, host: Host, link: string, cables: Cables, carriers: Carriers): void {
  const vlans = sortedTexts(vlansOn(draft, hostName, host, link));
  const mtu = vlans.reduce((max, vlan) => Math.max(max, draft.env.vlans[vlan]?.mtu ?? 0), 0);
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
    if (end !== undefined) {
      checkPort(draft, hostName, nic, end, vlans);
      for (const vlan of vlans)
        if (draft.vlans.has(vlan)) carriers.set(vlan, (carriers.get(vlan) ?? new Set()).add(end.switchName));
    } else if (vlans.length > 0 && host.bonds[link] === undefined) {
      draft.error(
        "nic-not-cabled",
        `hosts.${hostName}.nics.${nic}`,
        `${nic} carries ${vlans.join(", ")} but is in no switch's port table; add the port it is plugged into`,
      );
    }
  }
}

function checkPort(draft: Draft, hostName: string, nic: string, end: CableEnd, vlans: readonly string[]): void {
  for (const vlan of vlans) {
    if (draft.env.vlans[vlan] === undefined) continue;
    if (end.native === vlan) {
      draft.error(
        "vlan-untagged-on-switch",
        `${end.path}.native`,
        `${hostName} sends VLAN ${vlan} tagged on ${nic} but port ${end.port} has it native (untagged); list it under tagged`,
      );
    } else if (!end.tagged.has(vlan)) {
      draft.error(
        "vlan-not-on-port",
        `${end.path}.tagged`,
        `${hostName} needs VLAN ${vlan} on ${nic} but port ${end.port} of ${end.switchName} does not carry it; add ${vlan}`,
      );
    }
    const need = draft.env.vlans[vlan]?.mtu ?? 0;
    if (need > end.mtu) {
      draft.error(
        "mtu-exceeds-path",
        `vlans.${vlan}.mtu`,
        `VLAN ${vlan} has an MTU of ${need} but port ${end.port} of ${end.switchName} (${end.path}) forwards ${end.mtu} bytes at most; raise the switch's mtu or lower the VLAN's`,
      );
    }
  }
  const idle = sortedTexts([...end.tagged].filter((vlan) => !vlans.includes(vlan)));
  if (idle.length > 0 && vlans.length > 0) {
    draft.note(
      "vlan-unused-on-port",
      `${end.path}.tagged`,
      `port ${end.port} also carries ${idle.join(", ")}, which ${hostName} does not use on ${nic}`,
    );
  }
}
