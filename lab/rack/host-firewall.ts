// Whom the Proxmox firewall lets in: somebody from outside a host's own subnets, and the other hosts. Written by the plug-in, felt by everyone
// who knocks.
import { contains, parseAddress, parsePrefix } from "../../plan/ipv4.ts";
import { proxmoxHosts } from "./hosts.ts";
import type { Rack } from "./store.ts";

interface Rule {
  readonly type?: string;
  readonly action?: string;
  readonly proto?: string;
  /** A set of ports by name; the program uses `Ping` alone, which is none. */
  readonly macro?: string;
  readonly dport?: string;
  readonly source?: string;
  readonly enabled?: boolean;
  readonly securityGroup?: string;
}

/** Document kinds of what the plug-in keeps. */
export const FIREWALL_KINDS = {
  cluster: "pve firewall cluster",
  options: "pve firewall options",
  rules: "pve firewall rules",
  groups: "pve firewall group",
  ipsets: "pve firewall ipset",
  aliases: "pve firewall alias",
} as const;

function opens(rack: Rack, rule: Rule, port: number): boolean {
  if (rule.enabled === false) return false;
  if (rule.securityGroup) {
    const group = rack.collection<{ rules?: Rule[] }>(FIREWALL_KINDS.groups).get(rule.securityGroup);
    return group?.rules?.some((inner) => opens(rack, inner, port)) ?? false;
  }
  if (rule.type !== "in" || rule.action !== "ACCEPT" || rule.macro === "Ping") return false;
  if (rule.proto !== undefined && rule.proto !== "tcp") return false;
  const ports = (rule.dport ?? "").split(",").filter((part) => part !== "");
  return (
    ports.length === 0 ||
    ports.some((part) => {
      const [from = 0, to = from] = part.split(":").map(Number);
      return port >= from && port <= to;
    })
  );
}

/** Whether a host's firewall is on, and drops what nothing accepts. */
function isGuarded(rack: Rack, host: string): boolean {
  const cluster = rack
    .collection<{ enabled?: boolean; inputPolicy?: string }>(FIREWALL_KINDS.cluster)
    .get("cluster-firewall");
  const isOff = proxmoxHosts(rack).get(host)?.firewall?.["enabled"] === false;
  return cluster?.enabled === true && !isOff && cluster.inputPolicy !== "ACCEPT";
}

function rulesOf(rack: Rack, host: string): Rule[] {
  const all = rack.collection<{ rules?: Rule[] }>(FIREWALL_KINDS.rules);
  return ["cluster", `node/${host}`].flatMap((scope) => all.get(scope)?.rules ?? []);
}

function membersOf(rack: Rack, ipset: string): string[] {
  const sets = rack.collection<{ cidrs?: { name: string }[] }>(FIREWALL_KINDS.ipsets);
  return (sets.get(`cluster/${ipset}`)?.cidrs ?? []).map(({ name }) => name);
}

/** Whether an address is one of those that a rule, or a set, lists. */
function isAmong(rack: Rack, list: readonly string[], address: string): boolean {
  const own = parseAddress(address);
  return list.some((entry) => {
    if (entry.startsWith("+")) return isAmong(rack, membersOf(rack, entry.slice(1)), address);
    const prefix = parsePrefix(entry.includes("/") ? entry : `${entry}/32`);
    return own.ok && prefix.ok && contains(prefix.value, own.value);
  });
}

/** Whether a host of the rack, with this source address, gets through to a TCP port of another. */
export function hostFirewallAccepts(rack: Rack, host: string, source: string, port: number): boolean {
  if (!isGuarded(rack, host)) return true;
  if ([22, 8006].includes(port) && isAmong(rack, ["+management"], source)) return true;
  return rulesOf(rack, host).some(
    (rule) => opens(rack, rule, port) && (rule.source === undefined || isAmong(rack, rule.source.split(","), source)),
  );
}

/**
 * Why a TCP port of a host does not answer to somebody who comes through the router; undefined: it does. Enabled for the cluster, the
 * firewall lets in members of the ipset `management` (8006, 22) and what a rule accepts (pve-firewall, "Default firewall rules").
 */
export function hostFirewallDrops(rack: Rack, host: string, port: number): string | undefined {
  if (!isGuarded(rack, host)) return undefined;
  if (membersOf(rack, "management").length > 0 && [22, 8006].includes(port)) return undefined;
  if (rulesOf(rack, host).some((rule) => opens(rack, rule, port))) return undefined;
  return `the firewall of ${host} drops port ${port}: there is no ipset "management", and no rule accepts it`;
}
