// Whether the Proxmox firewall lets somebody from outside a host's own subnets in. Written by the plug-in, felt by everyone who knocks.
import { proxmoxHosts } from "./hosts.ts";
import type { Rack } from "./store.ts";

interface Rule {
  readonly type?: string;
  readonly action?: string;
  readonly dport?: string;
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
  if (rule.type !== "in" || rule.action !== "ACCEPT") return false;
  const ports = (rule.dport ?? "").split(",").filter((part) => part !== "");
  return (
    ports.length === 0 ||
    ports.some((part) => {
      const [from = 0, to = from] = part.split(":").map(Number);
      return port >= from && port <= to;
    })
  );
}

/**
 * Why a TCP port of a host does not answer to somebody who comes through the router; undefined: it does. Enabled for the cluster, the
 * firewall lets in members of the ipset `management` (8006, 22) and what a rule accepts (pve-firewall, "Default firewall rules").
 */
export function hostFirewallDrops(rack: Rack, host: string, port: number): string | undefined {
  const cluster = rack
    .collection<{ enabled?: boolean; inputPolicy?: string }>(FIREWALL_KINDS.cluster)
    .get("cluster-firewall");
  const isOff = proxmoxHosts(rack).get(host)?.firewall?.["enabled"] === false;
  if (!cluster?.enabled || isOff || cluster.inputPolicy === "ACCEPT") return undefined;
  const management = rack.collection<{ cidrs?: object[] }>(FIREWALL_KINDS.ipsets).get("cluster/management");
  if (management?.cidrs?.length && [22, 8006].includes(port)) return undefined;
  const all = rack.collection<{ rules?: Rule[] }>(FIREWALL_KINDS.rules);
  const rules = ["cluster", `node/${host}`].flatMap((scope) => all.get(scope)?.rules ?? []);
  if (rules.some((rule) => opens(rack, rule, port))) return undefined;
  return `the firewall of ${host} drops port ${port}: there is no ipset "management", and no rule accepts it`;
}
