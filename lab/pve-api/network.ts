// Interfaces of a host: written first, live with the reload. Between the two they are pending, as in /etc/network/interfaces.new.
import { apiError, nodeApi, parameterError } from "../providers/proxmoxve/api.ts";
import { reloadNetwork, writeNetwork } from "../providers/proxmoxve/network-reload.ts";
import { type Link, type Links, linksOf } from "../rack/links.ts";
import type { Rack } from "../rack/store.ts";
import { type Call, type Endpoint, isTrue, type Parameters, toDelete } from "./endpoint.ts";

const INTERFACE = [
  ...[
    "autostart",
    "bond-primary",
    "bond_mode",
    "bond_xmit_hash_policy",
    "bridge_ports",
    "bridge_vids",
    "bridge_vlan_aware",
  ],
  ...["address", "cidr", "comments", "delete", "gateway", "mtu", "netmask", "slaves", "vlan-id", "vlan-raw-device"],
];

/** The API's word for each kind. */
const TYPES: Readonly<Record<Link["kind"], string>> = {
  nic: "eth",
  bond: "bond",
  bridge: "bridge",
  vlan: "vlan",
  usb4: "eth",
  dummy: "unknown",
};

const pending = (rack: Rack) => rack.collection<Links>("pve pending network");

const current = (rack: Rack, node: string): Links => pending(rack).get(node) ?? linksOf(rack, node);

const words = (text: string | undefined): string[] => (text ?? "").split(/[\s,;]+/).filter((word) => word !== "");

function vlanIds(text: string): number[] {
  return words(text).flatMap((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

function kindOf(type: string | undefined): Link["kind"] {
  const kind = (Object.keys(TYPES) as Link["kind"][]).find((key) => TYPES[key] === type);
  if (kind === undefined) throw parameterError({ type: `value '${type}' is not simulated` });
  return kind;
}

/** What each kind has of its own. */
function partsOf(name: string, kind: Link["kind"], given: Parameters): Partial<Link> {
  if (kind === "bond") {
    const [policy, primary] = [given["bond_xmit_hash_policy"], given["bond-primary"]];
    return {
      members: words(given["slaves"]),
      bondMode: given["bond_mode"] ?? "balance-rr",
      ...(policy !== undefined && { xmitHashPolicy: policy }),
      ...(primary !== undefined && { bondPrimary: primary }),
    };
  }
  if (kind === "bridge") {
    const vids = given["bridge_vids"];
    return {
      members: words(given["bridge_ports"]),
      vlanAware: isTrue(given["bridge_vlan_aware"]),
      ...(vids !== undefined && isTrue(given["bridge_vlan_aware"]) && { vlanIds: vlanIds(vids) }),
    };
  }
  if (kind !== "vlan") return {};
  const [, parent, id] = /^(.+)\.(\d+)$/.exec(name) ?? [];
  const device = given["vlan-raw-device"] ?? parent;
  if (device === undefined) throw parameterError({ "vlan-raw-device": "property is missing and it is not optional" });
  return { parent: device, vlanId: Number(given["vlan-id"] ?? id) };
}

function linkOf(name: string, given: Parameters): Link {
  const kind = kindOf(given["type"]);
  const { gateway, comments, mtu } = given;
  const cidr =
    given["cidr"] ?? (given["address"] && given["netmask"] ? `${given["address"]}/${given["netmask"]}` : undefined);
  return {
    name,
    kind,
    addresses: cidr === undefined || cidr === "" ? [] : [cidr],
    autostart: isTrue(given["autostart"]),
    ...(gateway && { gateway }),
    ...(comments && { comment: comments }),
    ...(mtu !== undefined && { mtu: Number(mtu) }),
    ...partsOf(name, kind, given),
  };
}

/** An interface as the API shows it. */
function shown(link: Link, isLive: boolean, priority: number): object {
  const [cidr] = link.addresses;
  const [address, netmask] = cidr?.split("/") ?? [];
  const bond = {
    slaves: link.members?.join(" "),
    bond_mode: link.bondMode,
    bond_xmit_hash_policy: link.xmitHashPolicy,
  };
  const bridge = {
    ...{ bridge_ports: link.members?.join(" "), bridge_stp: "off", bridge_fd: "0" },
    ...(link.vlanAware && { bridge_vlan_aware: 1, bridge_vids: link.vlanIds?.join(" ") ?? "2-4094" }),
  };
  return {
    ...{ iface: link.name, type: TYPES[link.kind], priority, families: ["inet"], method6: "manual" },
    method: cidr === undefined ? "manual" : "static",
    ...(isLive && { active: 1, exists: 1 }),
    ...(link.autostart && { autostart: 1 }),
    ...(cidr !== undefined && { cidr, address, netmask }),
    ...(link.gateway !== undefined && { gateway: link.gateway }),
    ...(link.mtu !== undefined && { mtu: String(link.mtu) }),
    ...(link.comment !== undefined && { comments: `${link.comment}\n` }),
    ...(link.kind === "bond" && {
      ...bond,
      ...(link.bondPrimary !== undefined && { "bond-primary": link.bondPrimary }),
    }),
    ...(link.kind === "bridge" && bridge),
    ...(link.kind === "vlan" && { "vlan-raw-device": link.parent, "vlan-id": String(link.vlanId) }),
  };
}

function change(call: Call, label: string, edit: (links: Links) => void): null {
  const { context, path } = call;
  const [node = "", iface = ""] = [path["node"], path["iface"] ?? call.parameters["iface"]];
  nodeApi(context, node);
  const links = { ...current(context.rack, node) };
  edit(links);
  writeNetwork(context, node, iface, label, links);
  pending(context.rack).put(node, links);
  return null;
}

function requireThere(links: Links, name: string): Link {
  const link = links[name];
  // INotify's words: nothing says "does not exist" here.
  if (link === undefined) throw parameterError({ iface: "interface does not exist" });
  return link;
}

export const networkEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes/{node}/network",
    accepts: ["type"],
    answer: ({ context, path, parameters }) => {
      const node = path["node"] ?? "";
      nodeApi(context, node);
      const live = linksOf(context.rack, node);
      return Object.values(current(context.rack, node))
        .filter(({ kind }) => parameters["type"] === undefined || TYPES[kind] === parameters["type"])
        .map((link, index) => shown(link, live[link.name] !== undefined, index + 3));
    },
  },
  {
    method: "POST",
    path: "/nodes/{node}/network",
    accepts: INTERFACE,
    requires: ["iface", "type"],
    answer: (call) =>
      change(call, "Linux", (links) => {
        const name = call.parameters["iface"] ?? "";
        if (links[name]) throw parameterError({ iface: "interface already exists" });
        links[name] = linkOf(name, call.parameters);
      }),
  },
  {
    method: "PUT",
    path: "/nodes/{node}/network/{iface}",
    accepts: [...INTERFACE, "iface"],
    requires: ["type"],
    answer: (call) =>
      change(call, "Linux", (links) => {
        const name = call.path["iface"] ?? "";
        const before = requireThere(links, name);
        const given = { ...call.parameters };
        for (const key of toDelete(given)) delete given[key];
        const rate = before.lacpRate;
        // The API has no word for the rate; what the file says of it stays.
        links[name] = { ...linkOf(name, given), ...(rate !== undefined && { lacpRate: rate }) };
      }),
  },
  {
    method: "DELETE",
    path: "/nodes/{node}/network/{iface}",
    answer: (call) =>
      change(call, "Linux", (links) => {
        delete links[requireThere(links, call.path["iface"] ?? "").name];
      }),
  },
  {
    method: "PUT",
    path: "/nodes/{node}/network",
    answer: ({ context, path, task }) => {
      const node = path["node"] ?? "";
      nodeApi(context, node);
      return task(node, "srvreload", "networking", () => {
        const trouble = reloadNetwork(context, node, current(context.rack, node));
        pending(context.rack).delete(node);
        if (trouble !== undefined) context.warn(trouble);
      });
    },
  },
  {
    method: "DELETE",
    path: "/nodes/{node}/network",
    answer: ({ context, path }) => {
      nodeApi(context, path["node"] ?? "");
      if (!pending(context.rack).delete(path["node"] ?? "")) throw apiError(500, "no network changes to revert");
      return null;
    },
  },
];
