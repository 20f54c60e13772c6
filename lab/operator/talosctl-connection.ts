// How talosctl gets at nodes: the talosconfig it is given, an endpoint that answers, and the nodes behind it.
import { parse } from "yaml";
import { CommandFailure, type HostCall } from "../host/host-command.ts";
import type { HostContext } from "../host/installed-command.ts";
import { nodeAt, type TalosNode } from "../rack/talos/nodes.ts";
import { operatorReaches, ports } from "../rack/talos/reach.ts";
import type { ClientConfiguration } from "../rack/talos/secrets.ts";
import { openConfigured } from "../rack/talos/talos-api.ts";
import type { CobraLine } from "./command-line.ts";

/** One run of talosctl. */
export interface Talosctl {
  readonly context: HostContext;
  readonly call: HostCall;
  readonly line: CobraLine;
}

/** Ends the run as gRPC does when nothing can be had from an address. */
export function unavailable(address: string, text: string): never {
  throw new CommandFailure(`error: rpc error: code = Unavailable desc = ${text} (${address})`);
}

/** What answers at an address right now; nobody waits. */
export function answering({ context: { rack } }: Talosctl, address: string): TalosNode {
  const node = nodeAt(rack, address);
  if (!node || node.stage === "off" || !operatorReaches(rack, node, address, ports.talosApi))
    unavailable(
      address,
      `connection error: desc = "transport: Error while dialing: dial tcp ${address}:50000: i/o timeout"`,
    );
  if (node.stage === "booting" || node.stage === "broken")
    unavailable(
      address,
      `connection error: desc = "transport: Error while dialing: dial tcp ${address}:50000: connect: connection refused"`,
    );
  return node;
}

/** A node that takes the call. */
export interface OpenNode {
  readonly node: TalosNode;
  readonly address: string;
  readonly client: ClientConfiguration;
}

interface Talosconfig {
  context?: string;
  contexts?: Record<string, { endpoints?: string[]; nodes?: string[]; ca?: string; crt?: string; key?: string }>;
}

function readConfig({ context, call, line }: Talosctl): {
  client: ClientConfiguration;
  endpoints: string[];
  nodes: string[];
} {
  const path = line.get("talosconfig") ?? call.shell.variables.get("TALOSCONFIG") ?? "/root/.talos/config";
  const text = context.files.read(call.shell.path(path));
  const file = text === undefined ? undefined : (parse(text) as Talosconfig | null);
  const found = file?.contexts?.[file.context ?? ""];
  if (found === undefined) throw new CommandFailure("error: no context is set");
  const list = (flag: string) =>
    line
      .get(flag)
      ?.split(",")
      .filter((item) => item !== "");
  return {
    client: { caCertificate: found.ca ?? "", clientCertificate: found.crt ?? "", clientKey: found.key ?? "" },
    endpoints: list("endpoints") ?? found.endpoints ?? [],
    nodes: list("nodes") ?? found.nodes ?? [],
  };
}

/** The nodes the command is for, each opened through an endpoint that answers. */
export function openNodes(talosctl: Talosctl): OpenNode[] {
  const { client, endpoints, nodes } = readConfig(talosctl);
  if (nodes.length === 0)
    throw new CommandFailure(
      "error: nodes are not set for the command: please use `--nodes` flag or configuration file to set the nodes to run the command against",
    );
  const alive = endpoints.filter((address) => {
    try {
      return answering(talosctl, address).stage === "running";
    } catch {
      return false;
    }
  });
  const endpoint = alive[0] ?? endpoints[0];
  if (endpoint === undefined) throw new CommandFailure("error: no endpoints are set");
  answering(talosctl, endpoint);
  return nodes.map((address) => {
    answering(talosctl, address);
    try {
      const node = openConfigured(talosctl.context.rack, { node: address, endpoint, client }, "this call");
      if (node.stage !== "running")
        throw new Error("rpc error: code = Unimplemented desc = the node is in maintenance mode");
      return { node, address, client };
    } catch (error) {
      throw new CommandFailure(`error: ${(error as Error).message}`);
    }
  });
}
