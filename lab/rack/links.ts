// The interfaces of one host, in the form that Proxmox and Talos share: NICs, bonds, bridges, VLANs. Says which sets of interfaces a
// kernel would refuse to bring up.
import { formatAddress, networkOf, parseAddress } from "../../plan/ipv4.ts";
import type { Rack } from "./store.ts";

/** An interface of a host. */
export interface Link {
  readonly name: string;
  readonly kind: "nic" | "bond" | "bridge" | "vlan" | "usb4" | "dummy";
  /** Bytes; absent: 1500, or what the interface below has. */
  mtu?: number;
  /** With prefix length. */
  addresses: string[];
  gateway?: string;
  autostart: boolean;
  comment?: string;
  /** Members of a bond, ports of a bridge. */
  members?: string[];
  bondMode?: string;
  xmitHashPolicy?: string;
  bondPrimary?: string;
  lacpRate?: "slow" | "fast";
  vlanAware?: boolean;
  /** VLAN ids a VLAN-aware bridge lets through; absent: 2-4094. */
  vlanIds?: number[];
  /** Interface below a VLAN. */
  parent?: string;
  vlanId?: number;
}

/** The interfaces of one host, by name. */
export type Links = Record<string, Link>;

/** Reads the interfaces of a host; none when nothing runs on it. */
export function linksOf(rack: Rack, host: string): Links {
  return rack.collection<Links>("links").get(host) ?? {};
}

/** Replaces the interfaces of a host, after `checkLinks`. */
export function putLinks(rack: Rack, host: string, links: Links): void {
  rack.collection<Links>("links").put(host, links);
}

const DEFAULT_MTU = 1500;

/** Effective MTU in bytes: an interface without one of its own takes what it lies on. */
export function mtuOf(links: Links, name: string): number {
  const link = links[name];
  if (link?.mtu !== undefined) return link.mtu;
  if (link?.kind === "vlan" && link.parent !== undefined) return mtuOf(links, link.parent);
  if (link?.kind === "bridge" && link.members?.length)
    return Math.min(...link.members.map((member) => mtuOf(links, member)));
  // A bond gives its own MTU to its members.
  const above = Object.values(links).find((other) => other.kind === "bond" && other.members?.includes(name));
  return above?.mtu ?? DEFAULT_MTU;
}

function checkMembers(links: Links, link: Link, used: Map<string, string>): string[] {
  const problems: string[] = [];
  const part = link.kind === "bond" ? "slave" : "bridge port";
  for (const member of link.members ?? []) {
    const below = links[member];
    const owner = used.get(member);
    if (!below) problems.push(`${link.kind} '${link.name}' - unable to find ${part} '${member}'`);
    else if (link.kind === "bond" && below.kind !== "nic") {
      problems.push(`bond '${link.name}' - wrong interface type on slave '${member}' ('${below.kind}' != 'eth')`);
    } else if (owner !== undefined)
      problems.push(`${link.kind} '${link.name}' - ${part} '${member}' is already used on interface '${owner}'`);
    else if (link.kind === "bridge" && below.mtu !== undefined && below.mtu < (link.mtu ?? DEFAULT_MTU)) {
      problems.push(
        `interface '${member}' - mtu ${below.mtu} is lower than '${link.name}' - mtu ${link.mtu ?? DEFAULT_MTU}`,
      );
    }
    used.set(member, link.name);
    if (below && below.addresses.length > 0)
      problems.push(`${part} '${member}' of '${link.name}' has an address of its own (${below.addresses.join(", ")})`);
  }
  return problems;
}

function checkVlan(links: Links, link: Link): string[] {
  const parent = links[link.parent ?? ""];
  if (!parent) return [`vlan '${link.name}' - unable to find vlan raw device '${link.parent ?? ""}'`];
  const problems: string[] = [];
  const available = mtuOf(links, parent.name);
  if (link.mtu !== undefined && link.mtu > available)
    problems.push(`interface '${parent.name}' - mtu ${available} is lower than '${link.name}' - mtu ${link.mtu}`);
  if (link.vlanId === undefined || link.vlanId < 1 || link.vlanId > 4094)
    problems.push(`vlan '${link.name}' - vlan id ${link.vlanId} is not in 1-4094`);
  const twin = Object.values(links).find(
    (other) => other !== link && other.kind === "vlan" && other.parent === link.parent && other.vlanId === link.vlanId,
  );
  if (twin) problems.push(`vlan '${link.name}' - vlan ${link.vlanId} on '${parent.name}' is already '${twin.name}'`);
  return problems;
}

function checkAddresses(links: Links): string[] {
  const problems: string[] = [];
  const seen = new Map<string, string>();
  const gateways = Object.values(links).filter((link) => link.gateway !== undefined);
  const [first, second] = gateways;
  if (first && second)
    problems.push(
      `gateway: Default gateway already exists on interface '${first.name}' (second one on '${second.name}')`,
    );
  for (const link of Object.values(links)) {
    for (const cidr of link.addresses) {
      const [text = "", length = "32"] = cidr.split("/");
      const parsed = parseAddress(text);
      if (!parsed.ok) problems.push(`interface '${link.name}' - ${parsed.reason}`);
      const other = seen.get(text);
      if (other !== undefined) problems.push(`address ${text} is on interface '${other}' and on '${link.name}'`);
      seen.set(text, link.name);
      const gateway = link.gateway === undefined ? undefined : parseAddress(link.gateway);
      if (
        parsed.ok &&
        gateway?.ok &&
        networkOf(parsed.value, Number(length)) !== networkOf(gateway.value, Number(length))
      ) {
        problems.push(
          `interface '${link.name}' - gateway ${formatAddress(gateway.value)} is not reachable from ${cidr}`,
        );
      }
    }
  }
  return problems;
}

/** What a host would refuse about its interfaces; empty: they come up. */
export function checkLinks(links: Links): string[] {
  const used = new Map<string, string>();
  const problems: string[] = [];
  // Sorted, so that the same mistake gives the same message.
  for (const name of Object.keys(links).sort()) {
    const link = links[name];
    if (link?.kind === "bond" || link?.kind === "bridge") problems.push(...checkMembers(links, link, used));
    if (link?.kind === "vlan") problems.push(...checkVlan(links, link));
  }
  return [...problems, ...checkAddresses(links)];
}
