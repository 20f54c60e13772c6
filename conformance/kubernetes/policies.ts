// Who may talk to whom inside the cluster: as planned, and as the stored policies say it, in the same words.
import type { Plan } from "../../plan/plan.ts";
import { memberPrefixes } from "../../plan/prefix-cover.ts";
import type { KubernetesObject } from "../charts/render-chart.ts";

/** What no pod may reach. */
export interface Denial {
  readonly name: string;
  /** Prefixes, sorted. */
  readonly to: readonly string[];
  readonly protocol: string;
  /** Empty: all. */
  readonly ports: readonly number[];
}

/** Namespaces whose pods may call those of this one. */
export interface Allowance {
  readonly name: string;
  readonly namespace: string;
  readonly types: readonly string[];
  readonly from: readonly string[];
}

const sorted = <T extends { readonly name: string }>(items: T[]): T[] =>
  items.sort((one, other) => (one.name < other.name ? -1 : 1));

/** The denials of the plan. */
export function plannedDenials(plan: Plan): Denial[] {
  return sorted(
    plan.firewall.podEgressDenials.map(({ name, to, protocol, ports }) => ({
      name: `deny-${name}`,
      to: to.flatMap(memberPrefixes).sort(),
      protocol,
      ports,
    })),
  );
}

/**
 * The denials that are stored.
 * @throws when one of the policies does anything else
 */
export function storedDenials(policies: readonly KubernetesObject[]): Denial[] {
  return sorted(
    policies.map(({ metadata, spec }) => {
      const name = metadata.name ?? "";
      // What stays allowed is Cilium's to say.
      const { egressDeny, description: _, enableDefaultDeny: __, ...rest } = spec as Record<string, unknown>;
      const [rule, ...more] = (egressDeny ?? []) as DenialRule[];
      if (rule === undefined || more.length > 0 || JSON.stringify(rest) !== '{"endpointSelector":{}}')
        throw new Error(`${name} is not one denial for all pods: ${JSON.stringify(spec)}`);
      const ports = rule.toPorts?.flatMap((part) => part.ports) ?? [];
      return {
        name,
        to: [...rule.toCIDR].sort(),
        protocol: rule.icmps === undefined ? (ports[0]?.protocol.toLowerCase() ?? "any") : "icmp",
        // Port 0 stands for all of a protocol.
        ports: ports.map(({ port }) => Number(port)).filter((port) => port > 0),
      };
    }),
  );
}

interface DenialRule {
  readonly toCIDR: readonly string[];
  readonly toPorts?: readonly { readonly ports: readonly { readonly port: string; readonly protocol: string }[] }[];
  readonly icmps?: readonly unknown[];
}

/** Who calls workloads, from the services of the plan: the ingress and the monitoring, each in its namespace. */
export function plannedAllowances(plan: Plan): Allowance[] {
  const callers = Object.entries({ traefik: "traefik", prometheus: "monitoring" }).flatMap(([service, namespace]) =>
    plan.loadBalancer.services.some(({ name }) => name === service) ? [namespace] : [],
  );
  const rules = {
    "default-deny-ingress": [],
    "allow-same-namespace": ["workloads"],
    ...(callers.length === 0 ? {} : { "allow-callers": callers }),
  };
  return sorted(
    Object.entries(rules).map(([name, from]) => ({ name, namespace: "workloads", types: ["Ingress"], from })),
  );
}

/**
 * What the stored policies of namespaces allow.
 * @throws when one of them is not about all pods of its namespace
 */
export function storedAllowances(policies: readonly KubernetesObject[]): Allowance[] {
  return sorted(
    policies.map(({ metadata, spec }) => {
      const { name = "", namespace = "" } = metadata;
      const {
        podSelector,
        policyTypes,
        ingress = [],
      } = spec as {
        podSelector: object;
        policyTypes: readonly string[];
        ingress?: readonly { from: readonly { namespaceSelector?: { matchLabels: Record<string, string> } }[] }[];
      };
      if (Object.keys(podSelector).length > 0) throw new Error(`${name} is not about all pods of ${namespace}`);
      const from = ingress
        .flatMap((rule) => rule.from)
        .map(({ namespaceSelector }) => namespaceSelector?.matchLabels["kubernetes.io/metadata.name"] ?? namespace);
      return { name, namespace, types: policyTypes, from };
    }),
  );
}
