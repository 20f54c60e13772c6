// Bonds, bridges and VLAN interfaces. Every change is checked as Proxmox checks it, and reloaded at once, as the plug-in does.
import { type CheckFailure, type Context, InitializationFailed, resource, type Some } from "../../plugin/contract.ts";
import { UNKNOWN } from "../../plugin/wire.ts";
import { type Link, type Links, linksOf } from "../../rack/links.ts";
import { nodeApi, splitId } from "./api.ts";
import { reloadNetwork, writeNetwork } from "./network-reload.ts";

/** What bonds, bridges and VLAN interfaces share. */
interface Interface {
  nodeName: string;
  name: string;
  address?: string;
  gateway?: string;
  address6?: string;
  gateway6?: string;
  autostart: boolean;
  comment?: string;
  mtu?: number;
  timeoutReload: number;
}
interface Bond extends Interface {
  slaves: string[];
  bondMode?: string;
  bondPrimary?: string;
  bondXmitHashPolicy?: string;
}
interface Bridge extends Interface {
  ports?: string[];
  vlanAware: boolean;
  vids?: string;
}
interface Vlan extends Interface {
  interface?: string;
  vlan?: number;
}

function baseLink(inputs: Interface, kind: Link["kind"]): Link {
  return {
    name: inputs.name,
    kind,
    addresses: inputs.address === undefined ? [] : [inputs.address],
    autostart: inputs.autostart,
    ...(inputs.gateway !== undefined && { gateway: inputs.gateway }),
    ...(inputs.comment !== undefined && inputs.comment !== "" && { comment: inputs.comment }),
    ...(inputs.mtu !== undefined && { mtu: inputs.mtu }),
  };
}

/** What all kinds show; the API has one address, further ones in the file do not show. */
function baseState(node: string, link: Link): Some<Interface> {
  return {
    nodeName: node,
    name: link.name,
    address: link.addresses[0],
    gateway: link.gateway,
    autostart: link.autostart,
    comment: link.comment?.trim(),
    mtu: link.mtu,
  };
}

function bondLink(inputs: Bond): Link {
  return {
    ...baseLink(inputs, "bond"),
    members: [...inputs.slaves],
    bondMode: inputs.bondMode ?? "balance-rr",
    ...(inputs.bondXmitHashPolicy !== undefined && { xmitHashPolicy: inputs.bondXmitHashPolicy }),
    ...(inputs.bondPrimary !== undefined && { bondPrimary: inputs.bondPrimary }),
  };
}

function vlanIds(vids: string | undefined): number[] | undefined {
  return vids?.split(/[\s,;]+/).flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return from === undefined || to === undefined ? [] : Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

const ALL_VIDS = "2-4094";

function bridgeLink(inputs: Bridge): Link {
  const ids = inputs.vlanAware ? vlanIds(inputs.vids) : undefined;
  return { ...baseLink(inputs, "bridge"), members: inputs.ports ?? [], vlanAware: inputs.vlanAware, ...(ids && { vlanIds: ids }) };
}

/** `bond0.48`, or a free name with `interface` and `vlan`. */
function vlanParts(inputs: Vlan): { parent: string | undefined; vlanId: number | undefined } {
  const [, parent, id] = /^(.+)\.(\d+)$/.exec(inputs.name) ?? [];
  return { parent: inputs.interface ?? parent, vlanId: inputs.vlan ?? (id === undefined ? undefined : Number(id)) };
}

function vlanLink(inputs: Vlan): Link {
  const { parent, vlanId } = vlanParts(inputs);
  return { ...baseLink(inputs, "vlan"), ...(parent !== undefined && { parent }), ...(vlanId !== undefined && { vlanId }) };
}

/** Keeps what the API cannot set (LACP rate, further addresses) when it rewrites an interface. */
function merged(before: Link | undefined, link: Link): Link {
  const rate = before?.lacpRate;
  return rate === undefined ? link : { ...link, lacpRate: rate };
}

interface Kind<I extends Interface> {
  readonly kind: Link["kind"];
  /** As the plug-in calls it in errors. */
  readonly label: string;
  readonly link: (inputs: I) => Link;
  readonly state: (link: Link) => Some<I>;
  readonly check: (inputs: Partial<I>) => CheckFailure[];
}

function interfaceResource<I extends Interface>(kind: Kind<I>) {
  const change = (context: Context, node: string, name: string, edit: (links: Links) => void, state: Some<I>) => {
    nodeApi(context, node);
    const links = linksOf(context.rack, node);
    edit(links);
    writeNetwork(context, node, name, kind.label, links);
    const trouble = reloadNetwork(context, node, links);
    // The file is written and live: the resource exists, whatever became of the way to the host.
    if (trouble !== undefined) throw new InitializationFailed(`${node}:${name}`, { ...state }, [`Error reloading network configuration: ${trouble}`]);
  };
  return resource<I>({
    autoname: "name",
    latencyMs: { create: 4_000, update: 4_000, delete: 4_000, read: 100 },
    check: (inputs) => kind.check(inputs),
    create(context, inputs) {
      const { nodeName: node, name } = inputs;
      const link = kind.link(inputs);
      const state = { ...inputs, ...kind.state(link) };
      if (linksOf(context.rack, node)[name]) {
        nodeApi(context, node);
        throw new Error(
          `Error creating ${kind.label} interface: Could not create ${kind.label}, unexpected error: failed to create network interface "${name}" for node "${node}": received an HTTP 400 response - Reason: Parameter verification failed. (iface: interface already exists)`,
        );
      }
      change(context, node, name, (links) => { links[name] = link; }, state);
      return { id: `${node}:${name}`, outputs: state };
    },
    read(context, id) {
      const [node = "", name = ""] = splitId(id, ":", 2, "node_name:iface");
      nodeApi(context, node);
      const link = linksOf(context.rack, node)[name];
      return link?.kind === kind.kind ? { outputs: { ...baseState(node, link), ...kind.state(link) } as Some<I> } : undefined;
    },
    update(context, _, inputs) {
      const { nodeName: node, name } = inputs;
      const link = kind.link(inputs);
      const state = { ...inputs, ...kind.state(link) };
      change(context, node, name, (links) => { links[name] = merged(links[name], link); }, state);
      return state;
    },
    delete(context, id, state) {
      const [node = "", name = ""] = splitId(id, ":", 2, "node_name:iface");
      if (!linksOf(context.rack, node)[name]) return;
      change(context, node, name, (links) => { delete links[name]; }, state);
    },
  });
}

function nameFailure(name: unknown, form: RegExp, reason: string): CheckFailure[] {
  return typeof name === "string" && !form.test(name) ? [{ property: "name", reason: `Invalid Attribute Value Match: Attribute name ${reason}, got: ${name}` }] : [];
}

const isKnown = (value: unknown): boolean => value !== undefined && value !== (UNKNOWN as unknown);

const BOND_MODES = ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"];

function checkBond(inputs: Partial<Bond>): CheckFailure[] {
  const failures = nameFailure(inputs.name, /^[A-Za-z][A-Za-z0-9]{0,9}$/, "must be bond[N] or an alphanumeric string of at most 10 characters that starts with a letter");
  const { bondMode, slaves } = inputs;
  if (isKnown(bondMode) && !BOND_MODES.includes(bondMode ?? "")) failures.push({ property: "bondMode", reason: `value must be one of: ${BOND_MODES.join(", ")}, got: ${bondMode}` });
  if (Array.isArray(slaves) && slaves.every((slave) => typeof slave === "string") && slaves.join() !== [...slaves].sort().join()) {
    failures.push({ property: "slaves", reason: `Provider produced inconsistent result after apply: the API sorts slaves; give them as ${[...slaves].sort().join(", ")}` });
  }
  return failures;
}

function checkVlan(inputs: Partial<Vlan>): CheckFailure[] {
  const { name } = inputs;
  if (typeof name !== "string") return [];
  const isDotted = /\.\d+$/.test(name);
  if (isDotted && (inputs.interface !== undefined || inputs.vlan !== undefined)) {
    return [{ property: "name", reason: `Invalid VLAN name: ${name} names interface and VLAN already; leave out interface and vlan` }];
  }
  if (!isDotted && (inputs.interface === undefined || inputs.vlan === undefined)) {
    return [{ property: "name", reason: `Invalid VLAN name: ${name} is a custom name, so interface and vlan are required` }];
  }
  return [];
}

export const networkResources = {
  "proxmoxve:network/linux/bond:Bond": interfaceResource<Bond>({
    kind: "bond",
    label: "Linux Bond",
    link: bondLink,
    check: checkBond,
    state: (link) => ({
      slaves: [...(link.members ?? [])].sort(),
      bondMode: link.bondMode,
      bondXmitHashPolicy: link.xmitHashPolicy,
      bondPrimary: link.bondPrimary,
    }),
  }),
  "proxmoxve:network/linux/bridge:Bridge": interfaceResource<Bridge>({
    kind: "bridge",
    label: "Linux Bridge",
    link: bridgeLink,
    check: (inputs) => nameFailure(inputs.name, /^[A-Za-z][A-Za-z0-9_]{0,9}$/, "must contain only letters, numbers, and underscores (_), start with a letter, and be no longer than 10 characters"),
    state: (link) => ({
      ports: link.members?.length ? link.members : undefined,
      vlanAware: link.vlanAware ?? false,
      vids: link.vlanAware ? (link.vlanIds?.join(" ") ?? ALL_VIDS) : undefined,
    }),
  }),
  "proxmoxve:network/linux/vlan:Vlan": interfaceResource<Vlan>({
    kind: "vlan",
    label: "Linux VLAN",
    link: vlanLink,
    check: checkVlan,
    state: (link) => ({ interface: link.parent, vlan: link.vlanId }),
  }),
};
