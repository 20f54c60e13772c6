// `/etc/network/interfaces` in the syntax of ifupdown2: what `ifreload -a` makes of it, and what Proxmox VE writes when its API changes the
// network. Which sets of interfaces come up is decided in rack/links.ts.
import type { Link, Links } from "../rack/links.ts";

interface Stanza {
  readonly name: string;
  readonly options: Map<string, string[]>;
  readonly comment: string[];
  isAuto: boolean;
}

/** A line that ifupdown2 does not take; `line` counts from 1. */
export class InterfacesSyntaxError extends Error {
  constructor(line: number, what: string) {
    super(`/etc/network/interfaces: line${line}: ${what}`);
    this.name = "InterfacesSyntaxError";
  }
}

const IGNORED = /^(source|source-directory|mapping|allow-\S+)\b/;

function readStanzas(text: string): Map<string, Stanza> {
  const stanzas = new Map<string, Stanza>();
  const autos = new Set<string>();
  let current: Stanza | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    // Proxmox keeps the comment of an interface behind its options.
    if (line.startsWith("#") && current) current.comment.push(line.slice(1));
    if (line === "" || line.startsWith("#")) continue;
    const [keyword = "", ...words] = line.split(/\s+/);
    if (keyword === "auto") {
      for (const name of words) autos.add(name);
      current = undefined;
    } else if (keyword === "iface") {
      const [name, family, method] = words;
      if (name === undefined || (family !== undefined && !/^inet6?$/.test(family)))
        throw new InterfacesSyntaxError(index + 1, `invalid iface line '${line}'`);
      if (method !== undefined && !/^(static|manual|loopback|dhcp)$/.test(method))
        throw new InterfacesSyntaxError(index + 1, `iface ${name}: invalid method '${method}'`);
      current = stanzas.get(name) ?? { name, options: new Map(), comment: [], isAuto: false };
      stanzas.set(name, current);
    } else if (current) {
      current.options.set(keyword, [...(current.options.get(keyword) ?? []), words.join(" ")]);
    } else if (!IGNORED.test(line)) {
      throw new InterfacesSyntaxError(index + 1, `error processing line '${line}'`);
    }
  }
  for (const stanza of stanzas.values()) stanza.isAuto = autos.has(stanza.name);
  return stanzas;
}

function list(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "" && word !== "none");
}

function vlanIds(text: string): number[] {
  return list(text).flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

/** The interface a stanza describes. */
function linkOf({ name, options, comment, isAuto }: Stanza, isNic: (name: string) => boolean): Link {
  const option = (key: string) => options.get(key)?.[0];
  const addresses = (options.get("address") ?? []).map((address) => withPrefixLength(address, option("netmask")));
  const mtu = option("mtu");
  const gateway = option("gateway");
  const base = {
    name,
    addresses,
    autostart: isAuto,
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(comment.length === 0 ? {} : { comment: comment.join("\n") }),
  };
  const slaves = option("bond-slaves") ?? option("slaves");
  if (slaves !== undefined) return { ...base, kind: "bond", members: list(slaves), ...bondOptions(option) };
  const ports = option("bridge-ports") ?? option("bridge_ports");
  if (ports !== undefined) {
    const vids = option("bridge-vids");
    const aware = option("bridge-vlan-aware") === "yes" ? { vlanAware: true } : {};
    return {
      ...base,
      kind: "bridge",
      members: list(ports),
      ...aware,
      ...(vids === undefined ? {} : { vlanIds: vlanIds(vids) }),
    };
  }
  const [, dotParent, dotId] = /^(.+)\.(\d+)$/.exec(name) ?? [];
  const parent = option("vlan-raw-device") ?? dotParent;
  const id = option("vlan-id") ?? dotId ?? /^vlan(\d+)$/.exec(name)?.[1];
  if (parent !== undefined && id !== undefined) return { ...base, kind: "vlan", parent, vlanId: Number(id) };
  return { ...base, kind: isNic(name) ? "nic" : "dummy" };
}

function withPrefixLength(address: string, netmask: string | undefined): string {
  if (address.includes("/") || netmask === undefined) return address.includes("/") ? address : `${address}/32`;
  const bits = netmask.split(".").map((octet) => Number(octet).toString(2).replaceAll("0", "").length);
  return `${address}/${/^\d+$/.test(netmask) ? netmask : bits.reduce((sum, count) => sum + count, 0)}`;
}

function bondOptions(option: (key: string) => string | undefined): Partial<Link> {
  const mode = option("bond-mode");
  const policy = option("bond-xmit-hash-policy");
  const primary = option("bond-primary");
  const rate = option("bond-lacp-rate");
  return {
    bondMode: mode === "4" ? "802.3ad" : (mode ?? "balance-rr"),
    ...(policy === undefined ? {} : { xmitHashPolicy: policy }),
    ...(primary === undefined ? {} : { bondPrimary: primary }),
    ...(rate === undefined
      ? {}
      : { lacpRate: rate === "1" || rate === "fast" ? ("fast" as const) : ("slow" as const) }),
  };
}

/** The interfaces that a file describes; NICs it does not name stay as bare NICs. Throws an `InterfacesSyntaxError`. */
export function parseInterfaces(text: string, nics: readonly string[]): Links {
  const links: Links = {};
  for (const name of nics) links[name] = { name, kind: "nic", addresses: [], autostart: false };
  for (const stanza of readStanzas(text).values()) {
    if (stanza.name !== "lo") links[stanza.name] = linkOf(stanza, (name) => nics.includes(name));
  }
  return links;
}

function optionsOf(link: Link): [string, string | number | undefined][] {
  const [address] = link.addresses;
  const isBond = link.kind === "bond";
  const isBridge = link.kind === "bridge";
  return [
    ["address", address],
    ["gateway", link.gateway],
    ["bond-slaves", isBond ? (link.members ?? []).join(" ") || "none" : undefined],
    ["bond-miimon", isBond ? 100 : undefined],
    ["bond-mode", link.bondMode],
    ["bond-xmit-hash-policy", link.xmitHashPolicy],
    ["bond-primary", link.bondPrimary],
    ["bond-lacp-rate", link.lacpRate],
    ["bridge-ports", isBridge ? (link.members ?? []).join(" ") || "none" : undefined],
    ["bridge-stp", isBridge ? "off" : undefined],
    ["bridge-fd", isBridge ? 0 : undefined],
    ["bridge-vlan-aware", link.vlanAware ? "yes" : undefined],
    ["bridge-vids", link.vlanAware ? (link.vlanIds?.join(" ") ?? "2-4094") : undefined],
    ["vlan-id", link.kind === "vlan" && !/\.\d+$/.test(link.name) ? link.vlanId : undefined],
    ["vlan-raw-device", link.kind === "vlan" && !/\.\d+$/.test(link.name) ? link.parent : undefined],
    ["mtu", link.mtu],
  ];
}

/** The file as Proxmox VE writes it after a change by its API. */
export function renderInterfaces(links: Links): string {
  const members = new Set(Object.values(links).flatMap((link) => (link.kind === "bond" ? (link.members ?? []) : [])));
  const order = ["nic", "usb4", "dummy", "bond", "bridge", "vlan"];
  const sorted = Object.values(links).sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.name < b.name ? -1 : 1),
  );
  const stanzas = sorted.map((link) => {
    const method = link.addresses.length > 0 ? "static" : "manual";
    const options = optionsOf(link).flatMap(([key, value]) => (value === undefined ? [] : [`\t${key} ${value}`]));
    const comment =
      link.comment === undefined
        ? []
        : link.comment
            .trimEnd()
            .split("\n")
            .map((line) => `#${line}`);
    return [
      ...(link.autostart || members.has(link.name) ? [`auto ${link.name}`] : []),
      `iface ${link.name} inet ${method}`,
      ...options,
      ...comment,
    ].join("\n");
  });
  return `${["auto lo\niface lo inet loopback", ...stanzas].join("\n\n")}\n\nsource /etc/network/interfaces.d/*\n`;
}
