// The ingress firewall of a node (NetworkDefaultActionConfig, NetworkRuleConfig), as Talos makes chains of nftables of it: answers, ICMP and
// pods among themselves pass; with `block` a new connection passes by a rule only, with `accept` a rule shuts out everybody it does not name.
import { contains, parseAddress, parsePrefix } from "../../../plan/ipv4.ts";
import { OPERATOR } from "../reach.ts";
import { isOnLink, stations } from "../stations.ts";
import type { Rack } from "../store.ts";
import type { MachineConfig } from "./machine-config.ts";
import type { Machine } from "./machines.ts";
import { metalNetwork } from "./metal-network.ts";
import type { TalosNode } from "./nodes.ts";

/** A rule of the firewall. */
interface IngressRule {
  readonly protocol: string;
  /** First and last port. */
  readonly ports: readonly (readonly [number, number])[];
  readonly subnets: readonly string[];
  readonly except: readonly string[];
}

/** The firewall of a configuration. */
export interface IngressFirewall {
  readonly blocks: boolean;
  readonly rules: readonly IngressRule[];
}

/** A new connection. */
export interface Connection {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** Address it comes from. */
  readonly source: string;
}

function isWithin(address: string, prefixes: readonly string[]): boolean {
  const value = parseAddress(address);
  return prefixes.some((text) => {
    const prefix = parsePrefix(text);
    return value.ok && prefix.ok && contains(prefix.value, value.value);
  });
}

/** Whether a node lets a connection in. */
export function letsIn(config: MachineConfig | undefined, { protocol, port, source }: Connection): boolean {
  const firewall = config?.ingress;
  if (firewall === undefined) return true;
  const about = firewall.rules.filter(
    (rule) => rule.protocol === protocol && rule.ports.some(([from, to]) => from <= port && port <= to),
  );
  const names = (rule: IngressRule) => isWithin(source, rule.subnets) && !isWithin(source, rule.except);
  return firewall.blocks ? about.some(names) : about.every(names);
}

/** Where the operator's machine sits unless the rack says otherwise: behind the router, in nobody's VLAN. */
const DEFAULT_OPERATOR = "192.168.1.10";

/** Whether a node's firewall lets the operator or another machine in; what lies between them is not looked at. */
export function answersTo(
  rack: Rack,
  node: TalosNode,
  from: Machine | typeof OPERATOR,
  address: string,
  port: number,
  protocol: Connection["protocol"] = "tcp",
): boolean {
  if (node.config?.ingress === undefined || node.stage === "maintenance") return true;
  if (from !== OPERATOR && from.id === node.machine.id) return true;
  return letsIn(node.config, { protocol, port, source: sourceOf(rack, from, address) });
}

/** Whether a node gets at a port of another one, over a connection that stands or a new one. */
export function reaches(rack: Rack, from: TalosNode, to: TalosNode, port: number): boolean {
  return isEstablished(from, to) || answersTo(rack, to, from.machine, to.addresses[0] ?? "", port);
}

/** Whether a node's connections to another one were there before its rules last changed: a firewall asks about new ones only. */
function isEstablished(from: TalosNode, to: TalosNode): boolean {
  const changed = to.installation?.reconfiguredAt;
  return (
    changed !== undefined && [from, to].every(({ installation }) => (installation?.runsFrom ?? Infinity) <= changed)
  );
}

/** The address that packets to another one leave with: that of the route, of the interface, or of the way to the gateway. */
function sourceOf(rack: Rack, from: Machine | typeof OPERATOR, address: string): string {
  if (from === OPERATOR) return rack.settings.operator ?? DEFAULT_OPERATOR;
  const own = stations(rack).filter(({ owner }) => owner === from.name);
  const [route] = metalNetwork(rack, from.name)
    .routes.filter(({ destination }) => isWithin(address, [destination]))
    .sort((a, b) => a.metric - b.metric);
  const chosen =
    route?.source ??
    own.find((station) => isOnLink(station, address))?.address ??
    // Without a hint and without an address on the interface, the kernel takes the first that it finds.
    (route === undefined ? own.find(({ gateway }) => gateway !== undefined)?.address : own[0]?.address);
  return chosen ?? "0.0.0.0";
}
