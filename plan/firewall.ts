// Who may talk to whom: zones resolved to addresses, and where each rule is enforced (router, hosts, pods).
import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";
import { formatPrefix, overlaps, parseAddress, parsePrefix, type Range, rangeOf } from "./ipv4.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { FirewallPlan, ResolvedRule } from "./plan.ts";

/** Zones every description has; VLANs are zones too. */
const builtIn = ["any", "hosts", "nodes", "out-of-band", "pods", "load-balancer", "internet"] as const;

/** Checks zones and rules. */
export function readFirewall(draft: Draft): void {
  const { env } = draft;
  const zones = new Set(zoneNames(env));
  for (const [name, members] of sortedEntries(env.firewall.zones)) {
    members.forEach((member, i) => {
      const parsed = parseMember(member);
      if (parsed === undefined)
        draft.error(
          "zone-member-invalid",
          `firewall.zones.${name}[${i}]`,
          `"${member}" is neither an address, a prefix nor a range (a-b); correct it`,
        );
    });
    if (env.vlans[name] !== undefined || (builtIn as readonly string[]).includes(name)) {
      draft.error(
        "zone-name-taken",
        `firewall.zones.${name}`,
        `"${name}" already names ${env.vlans[name] === undefined ? "a built-in zone" : "a VLAN"}; choose another name`,
      );
    }
  }
  const names = new Map<string, number>();
  env.firewall.rules.forEach((rule, i) => {
    const path = `firewall.rules[${i}]`;
    draft.known("zone", rule.from, zones, `${path}.from`);
    draft.known("zone", rule.to, zones, `${path}.to`);
    if (rule.ports.length > 0 && rule.protocol !== "tcp" && rule.protocol !== "udp") {
      draft.error(
        "rule-ports-without-protocol",
        `${path}.ports`,
        `${rule.protocol} has no ports; set protocol: tcp or udp`,
      );
    }
    const other = names.get(rule.name);
    if (other !== undefined)
      draft.error(
        "rule-name-twice",
        `${path}.name`,
        `"${rule.name}" is also the name of firewall.rules[${other}]; rename one`,
      );
    names.set(rule.name, i);
  });
  checkShadowing(draft);
  checkNotes(draft);
}

/** Every zone that a rule may name. */
export function zoneNames(env: Environment): string[] {
  return [...builtIn, ...[...Object.keys(env.vlans), ...Object.keys(env.firewall.zones)].sort(compareText)];
}

/** A rule that an earlier one always answers first never does anything. */
function checkShadowing(draft: Draft): void {
  const rules = draft.env.firewall.rules;
  rules.forEach((rule, i) => {
    const earlier = rules.findIndex(
      (other, j) =>
        j < i &&
        other.enabled &&
        rule.enabled &&
        (other.from === rule.from || other.from === "any") &&
        (other.to === rule.to || other.to === "any") &&
        (other.protocol === "any" ||
          (other.protocol === rule.protocol &&
            (other.ports.length === 0 ||
              (rule.ports.length > 0 && rule.ports.every((port) => other.ports.includes(port)))))),
    );
    if (earlier >= 0 && rules[earlier]?.action !== rule.action) {
      draft.warn(
        "rule-shadowed",
        `firewall.rules[${i}]`,
        `${rule.name} never acts: ${rules[earlier]?.name} (firewall.rules[${earlier}]) comes first and matches everything it does; move it up`,
      );
    }
  });
}

/** What the description says and a person may not expect. */
function checkNotes(draft: Draft): void {
  const { env } = draft;
  for (const [i, rule] of env.firewall.rules.entries()) {
    if (opensHosts(env, rule)) {
      draft.note(
        "rule-opens-hosts",
        `firewall.rules[${i}]`,
        `${rule.name} also lets ${rule.from} reach every port of the hosts that no rule before it denies; on the hosts themselves their own firewall stops that, on the router nothing does`,
      );
    }
    const target = env.vlans[rule.to];
    if (rule.enabled && rule.action === "allow" && target !== undefined && target.gateway === undefined) {
      draft.warn(
        "rule-into-unrouted-vlan",
        `firewall.rules[${i}]`,
        `${rule.name} allows traffic into VLAN ${rule.to}, which has no gateway: nothing is routed there; set enabled: false or give the VLAN a gateway`,
      );
    }
  }
}

/** An allowance for everything from pods or nodes into the VLAN that the hosts live on. */
function opensHosts(env: Environment, rule: Environment["firewall"]["rules"][number]): boolean {
  const { management, nodes } = env.roles;
  const fromWorkload = rule.from === "pods" || (rule.from === nodes && nodes !== management);
  const toHosts = rule.to === management || rule.to === "any";
  return rule.enabled && rule.action === "allow" && rule.protocol === "any" && fromWorkload && toHosts;
}

/** A member of a zone; undefined where it is none. */
export function parseMember(text: string): Range | undefined {
  const dash = text.indexOf("-");
  if (dash > 0) {
    const from = parseAddress(text.slice(0, dash));
    const to = parseAddress(text.slice(dash + 1));
    return from.ok && to.ok && from.value <= to.value ? { from: from.value, to: to.value } : undefined;
  }
  if (text.includes("/")) {
    const prefix = parsePrefix(text);
    return prefix.ok ? rangeOf(prefix.value) : undefined;
  }
  const address = parseAddress(text);
  return address.ok ? { from: address.value, to: address.value } : undefined;
}

/** What a zone means in prefixes, ranges and addresses; empty is anything. */
export function membersOf(draft: Draft, zone: string): string[] {
  const { env } = draft;
  const { management, nodes } = env.roles;
  const pods = (): string[] => sortedEntries(env.nodes).map(([, node]) => node.podPrefix);
  switch (zone) {
    case "any":
    case "internet":
      return [];
    case "hosts":
      return sortedEntries(env.hosts).flatMap(([, host]) => host.addresses[management]?.address ?? []);
    case "nodes":
      return sortedEntries(env.nodes).flatMap(([, node]) => node.addresses[management] ?? []);
    case "out-of-band":
      return sortedEntries(env.hosts).flatMap(([, host]) => host.outOfBand?.address ?? []);
    case "pods":
      return pods();
    case "load-balancer":
      return sortedEntries(env.loadBalancer.pools).map(([, pool]) => `${pool.from}-${pool.to}`);
  }
  const vlan = draft.vlans.get(zone);
  if (vlan === undefined) return [...(env.firewall.zones[zone] ?? [])];
  // Pods that live outside the VLAN's prefix are routed into it all the same.
  const outside =
    zone !== nodes
      ? []
      : pods().filter((text) => {
          const prefix = parsePrefix(text);
          return prefix.ok && !overlaps(rangeOf(prefix.value), rangeOf(vlan.prefix));
        });
  return [formatPrefix(vlan.prefix), ...outside];
}

/** The firewall as the Plan shows it. */
export function planFirewall(draft: Draft): FirewallPlan {
  const { env } = draft;
  const zones = zoneNames(env).map((name) => ({ name, members: membersOf(draft, name) }));
  const memberOf = new Map(zones.map((zone) => [zone.name, zone.members]));
  const rules = env.firewall.rules.map(
    (rule): ResolvedRule => ({
      name: rule.name,
      fromZone: rule.from,
      toZone: rule.to,
      from: memberOf.get(rule.from) ?? [],
      to: memberOf.get(rule.to) ?? [],
      protocol: rule.protocol,
      ports: [...rule.ports].sort((a, b) => a - b),
      action: rule.action,
      enabled: rule.enabled,
      log: rule.log,
      ...(rule.purpose === undefined ? {} : { purpose: rule.purpose }),
    }),
  );
  const active = rules.filter((rule) => rule.enabled);
  const workloadZones = new Set([env.roles.nodes, "pods"]);
  return {
    zones,
    rules,
    // Without those to `any`, a person in a zone that may reach everything would be shut out of the hosts.
    hostRules: active.filter((rule) => rule.toZone === "hosts" || rule.toZone === "any"),
    managementSources: membersOf(draft, env.roles.management),
    podEgressDenials: active.filter(
      (rule) => rule.action === "deny" && workloadZones.has(rule.fromZone) && rule.to.length > 0,
    ),
  };
}
