// The network documents of a node: one per link, alias and routing rule, and the three that every node has (name, resolvers, time).
import type { ClusterPlan, NodeInterfacePlan, NodePlan, RoutePlan } from "../../plan/plan.ts";

/** A document of its own kind beside the main one (Talos 1.12 and later). */
export interface ConfigDocument {
  readonly apiVersion: "v1alpha1";
  readonly kind: string;
  readonly [field: string]: unknown;
}

const document = (kind: string, fields: Readonly<Record<string, unknown>>): ConfigDocument => ({
  apiVersion: "v1alpha1",
  kind,
  ...fields,
});

/** All network documents of a node, links first. */
export function networkDocuments(cluster: ClusterPlan, node: NodePlan): readonly ConfigDocument[] {
  const documents = [
    // The generated configuration holds `auto: stable`; a host name beside it is refused.
    document("HostnameConfig", { hostname: node.name, auto: "off" }),
    ...node.interfaces.flatMap(linkDocuments),
    ...node.routingRules.map((rule) =>
      document("RoutingRuleConfig", {
        name: String(rule.priority),
        ...(rule.source === undefined ? {} : { src: rule.source }),
        ...(rule.destination === undefined ? {} : { dst: rule.destination }),
        table: rule.table,
      }),
    ),
    document("ResolverConfig", {
      nameservers: cluster.dnsServers.map((address) => ({ address })),
      searchDomains: { domains: [cluster.zone] },
    }),
    document("TimeSyncConfig", { ntp: { servers: cluster.ntpServers } }),
  ];
  if (cluster.vip === undefined || node.role !== "controlplane") return documents;
  return [...documents, document("Layer2VIPConfig", { name: cluster.vip, link: cluster.vipInterface })];
}

function linkDocuments(link: NodeInterfacePlan): ConfigDocument[] {
  const common = {
    mtu: link.mtu,
    ...(link.addresses.length === 0 ? {} : { addresses: link.addresses.map((address) => ({ address })) }),
    ...(link.routes.length === 0 ? {} : { routes: link.routes.map(route) }),
  };
  switch (link.kind) {
    case "ethernet":
      return [
        ...(link.mac === undefined ? [] : [alias(link.name, `mac(link.permanent_addr) == "${link.mac}"`)]),
        document("LinkConfig", { name: link.name, ...(link.isIdle ? { up: false } : {}), ...common }),
      ];
    case "usb4":
      return [
        alias(link.name, `link.driver == "thunderbolt-net" && link.bus_path == "${link.busPath}"`),
        document("LinkConfig", { name: link.name, ...common }),
      ];
    case "bond":
      return [
        document("BondConfig", {
          name: link.name,
          links: link.members,
          bondMode: link.mode,
          ...bondTimers,
          ...lacp(link),
          ...common,
        }),
      ];
    case "vlan":
      return [document("VLANConfig", { name: link.name, vlanID: link.vlanId, parent: link.parent, ...common })];
    case "dummy":
      return [document("DummyLinkConfig", { name: link.name, ...common })];
  }
}

/** Milliseconds. Without them a bond does not look at its links and Talos warns; delays are multiples of the interval. */
const bondTimers = { miimon: 100, updelay: 200, downdelay: 200 } as const;

/** The two settings that only 802.3ad has. */
function lacp(bond: Extract<NodeInterfacePlan, { kind: "bond" }>): object {
  return bond.mode === "802.3ad" ? { xmitHashPolicy: bond.xmitHashPolicy, lacpRate: bond.lacpRate } : {};
}

/** Metal names depend on the order of discovery; an alias is bound to what does not change. */
const alias = (name: string, match: string): ConfigDocument =>
  document("LinkAliasConfig", { name, selector: { match } });

function route(plan: RoutePlan): object {
  return {
    ...(plan.destination === undefined ? {} : { destination: plan.destination }),
    ...(plan.gateway === undefined ? {} : { gateway: plan.gateway }),
    ...(plan.source === undefined ? {} : { source: plan.source }),
    ...(plan.metric === undefined ? {} : { metric: plan.metric }),
    ...(plan.table === undefined ? {} : { table: String(plan.table) }),
  };
}
