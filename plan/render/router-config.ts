// What to set on the router: interfaces, routes to the pods, rules in their order, names, and what it hides behind its own address.
import type { Plan, ResolvedRule } from "../plan.ts";
import { renderDnsmasq, renderHostsFile } from "./hosts-file.ts";
import { codeBlock, generatedDocument, markdownTable, section } from "./markdown-table.ts";

/** Renders the page of the router. */
export function renderRouterConfig(plan: Plan, source: string): string {
  const { router } = plan;
  return generatedDocument(
    `Router of ${plan.name}: ${router.name}`,
    source,
    section(
      "Networks",
      markdownTable(
        ["VLAN", "network", "router's address"],
        router.interfaces.map((link) => [link.vlanId, link.vlan, link.address]),
      ),
      unrouted(plan),
    ),
    section(
      "Static routes",
      "Nobody answers ARP for a pod, so the router sends what is meant for it to its node.",
      markdownTable(
        ["name", "destination", "next hop"],
        router.staticRoutes.map((route) => [route.name, route.destination, route.via]),
      ),
    ),
    section(
      "Firewall",
      "First match wins; answers to what was let through are let through. What stays on one network never meets the router: " +
        "the hosts' own firewall and the network policies of the cluster say the same once more.",
      ruleTable(plan.firewall.rules),
    ),
    section(
      "Masquerade",
      "Behind the router's address on the way to the internet, and nowhere else:",
      router.masquerade.map((prefix) => `- ${prefix}`).join("\n"),
    ),
    ...leases(plan),
    section(
      "Names",
      `Records of ${plan.zone} for dnsmasq:`,
      codeBlock("text", renderDnsmasq(plan)),
      "The same for `/etc/hosts`:",
      codeBlock("text", renderHostsFile(plan)),
    ),
  );
}

function unrouted(plan: Plan): string {
  const names = plan.vlans.filter((vlan) => vlan.gateway === undefined).map((vlan) => `${vlan.name} (${vlan.id})`);
  return names.length === 0 ? "Every network is routed." : `Not on the router at all: ${names.join(", ")}.`;
}

function ruleTable(rules: readonly ResolvedRule[]): string {
  const members = (zone: string, list: readonly string[]): string =>
    list.length === 0 ? zone : `${zone}: ${list.join(", ")}`;
  return markdownTable(
    ["", "name", "from", "to", "protocol", "ports", "action", "log", "purpose"],
    rows(rules).map(({ rule, number }) => [
      number,
      rule.name,
      members(rule.fromZone, rule.from),
      members(rule.toZone, rule.to),
      rule.protocol,
      rule.ports.join(", ") || "any",
      rule.enabled ? rule.action : `${rule.action}, off`,
      rule.log ? "yes" : "no",
      rule.purpose,
    ]),
  );
}

/** Rules that are off have no number: they are not there. */
function rows(rules: readonly ResolvedRule[]): { readonly rule: ResolvedRule; readonly number: string }[] {
  let number = 0;
  return rules.map((rule) => {
    if (rule.enabled) number += 1;
    return { rule, number: rule.enabled ? String(number) : "off" };
  });
}

function leases(plan: Plan): string[] {
  if (plan.router.leases.length === 0) return [];
  const rows = plan.router.leases.map((lease) => [lease.name, lease.vlan, lease.mac, lease.address]);
  return [
    section(
      "Leases",
      "A node on the metal asks for its address at its first boot and must get the one it keeps.",
      markdownTable(["node", "network", "MAC", "address"], rows),
    ),
  ];
}
