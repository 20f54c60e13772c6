// One network interface as a resource: what bonds, bridges and VLAN interfaces have in common.
import { type CheckFailure, type Context, InitializationFailed, resource, type Some } from "../../plugin/contract.ts";
import { type Link, type Links, linksOf } from "../../rack/links.ts";
import { nodeApi, splitId } from "./api.ts";
import { reloadNetwork, writeNetwork } from "./network-reload.ts";

/** What bonds, bridges and VLAN interfaces share. */
export interface Interface {
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
/** What all kinds are given. */
export function baseLink(inputs: Interface, kind: Link["kind"]): Link {
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

/** Keeps what the API cannot set (LACP rate, further addresses) when it rewrites an interface. */
function merged(before: Link | undefined, link: Link): Link {
  const rate = before?.lacpRate;
  return rate === undefined ? link : { ...link, lacpRate: rate };
}

/** What is special about one kind of interface. */
interface Kind<I extends Interface> {
  readonly kind: Link["kind"];
  /** As the plug-in calls it in errors. */
  readonly label: string;
  readonly link: (inputs: I) => Link;
  readonly state: (link: Link) => Some<I>;
  readonly check: (inputs: Partial<I>) => CheckFailure[];
}

/** Changes the interfaces of a host and reloads them. */
function changer<I extends Interface>(kind: Kind<I>) {
  return (context: Context, node: string, name: string, edit: (links: Links) => void, state: Some<I>): void => {
    nodeApi(context, node);
    const links = linksOf(context.rack, node);
    edit(links);
    writeNetwork(context, node, name, kind.label, links);
    const trouble = reloadNetwork(context, node, links);
    // The file is written and live: the resource exists, whatever became of the way to the host.
    if (trouble !== undefined)
      throw new InitializationFailed(`${node}:${name}`, { ...state }, [
        `Error reloading network configuration: ${trouble}`,
      ]);
  };
}

/** The resource for one kind of interface. */
export function interfaceResource<I extends Interface>(kind: Kind<I>) {
  const change = changer(kind);
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
      change(
        context,
        node,
        name,
        (links) => {
          links[name] = link;
        },
        state,
      );
      return { id: `${node}:${name}`, outputs: state };
    },
    read(context, id) {
      const [node = "", name = ""] = splitId(id, ":", 2, "node_name:iface");
      nodeApi(context, node);
      const link = linksOf(context.rack, node)[name];
      return link?.kind === kind.kind
        ? { outputs: { ...baseState(node, link), ...kind.state(link) } as Some<I> }
        : undefined;
    },
    update(context, _, inputs) {
      const { nodeName: node, name } = inputs;
      const link = kind.link(inputs);
      const state = { ...inputs, ...kind.state(link) };
      change(
        context,
        node,
        name,
        (links) => {
          links[name] = merged(links[name], link);
        },
        state,
      );
      return state;
    },
    delete(context, id, state) {
      const [node = "", name = ""] = splitId(id, ":", 2, "node_name:iface");
      if (!linksOf(context.rack, node)[name]) return;
      change(
        context,
        node,
        name,
        (links) => {
          delete links[name];
        },
        state,
      );
    },
  });
}
