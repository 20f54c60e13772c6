// The links of the planned nodes and the networks between them: a network namespace for each node, a bridge for each name of a link.
import { capture } from "../../tools/engine/run-command.mjs";
import type { NodeConfiguration } from "../kubernetes/controllers.ts";
import type { Processes } from "../kubernetes/processes.ts";
import { inNamespace } from "./namespace.ts";

/** Who answers for an address. */
export interface Answer {
  readonly address: string;
  /** Link that the answer came from. */
  readonly link: string;
  readonly node: string;
}

/** Networks that are up. */
export interface Lan {
  /** Command that runs what follows on a node. */
  on(node: string): readonly [program: string, args: readonly string[]];
  /** Asks on every network who has the addresses (ARP), as a router does. */
  whoHas(addresses: readonly string[]): Promise<Answer[]>;
}

interface Link {
  readonly node: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly mac: string;
  readonly bridge: string;
  /** Other end, in the bridge. */
  readonly port: string;
}

/** Brings the networks up. */
export async function startLan(processes: Processes, nodes: readonly NodeConfiguration[]): Promise<Lan> {
  const links = linksOf(nodes);
  const script = [
    "set -eu",
    ...[...new Set(links.map(({ bridge }) => bridge))].map((name) => `ip link add ${name} up type bridge`),
    ...nodes.map(({ name }) => `ip netns add ${name}\nip -n ${name} link set lo up`),
    ...links.flatMap(({ node, name, mac, bridge, port, addresses }) => [
      `ip link add ${name} netns ${node} address ${mac} type veth peer name ${port}`,
      `ip link set ${port} up master ${bridge}`,
      `ip -n ${node} link set ${name} up`,
      ...addresses.map((address) => `ip -n ${node} address add ${address} dev ${name}`),
    ]),
    "echo up",
    "exec sleep infinity",
  ].join("\n");
  const pid = processes.start("lan", "unshare", [...inNamespace, "sh", "-c", script]);
  await processes.until("the networks of the nodes are up", async () => processes.said("lan") === "up" || undefined);
  const enter = ["--target", String(pid), "--user", "--preserve-credentials", "--net", "--mount", "--"];
  return {
    on: (node) => ["nsenter", [...enter, "ip", "netns", "exec", node]],
    async whoHas(addresses) {
      const bridges = [...new Set(links.map(({ bridge }) => bridge))];
      const { code, stdout, stderr } = await capture("nsenter", [...enter, "sh", "-c", question(bridges, addresses)]);
      if (code !== 0) throw new Error(`the networks cannot be asked: ${stderr}`);
      const answers = JSON.parse(stdout) as { dst: string; lladdr?: string }[];
      return answers.flatMap(({ dst, lladdr }) => {
        const link = links.find(({ mac }) => mac === lladdr);
        return link === undefined ? [] : [{ address: dst, link: link.name, node: link.node }];
      });
    },
  };
}

function linksOf(nodes: readonly NodeConfiguration[]): Link[] {
  // Links of one name are in one network: it is what their addresses say, and what the description means by it.
  const names = [...new Set(nodes.flatMap(({ view }) => view.interfaces.map(({ name }) => name)))];
  return nodes.flatMap(({ name: node, view }, n) =>
    view.interfaces.flatMap(({ name, kind, addresses }) => {
      const i = names.indexOf(name);
      const mac = `02:00:00:00:${hex(n)}:${hex(i)}`;
      const used = kind !== "dummy" && addresses.length > 0;
      return used ? [{ node, name, addresses, mac, bridge: `lan${i}`, port: `port${n}-${i}` }] : [];
    }),
  );
}

const hex = (value: number): string => value.toString(16).padStart(2, "0");

/** Asks for all at once and waits until each is answered or given up. */
function question(bridges: readonly string[], addresses: readonly string[]): string {
  return [
    "set -eu",
    "ip neigh flush all",
    // The source of a question; the answer goes to whoever asks.
    ...bridges.map((bridge) => `ip address replace 192.0.2.1/32 dev ${bridge}`),
    ...bridges.flatMap((bridge) => addresses.map((address) => `ip neigh replace ${address} dev ${bridge} use`)),
    "while ip neigh show nud incomplete | grep -q .; do sleep 0.1; done",
    "ip -j neigh show",
  ].join("\n");
}
