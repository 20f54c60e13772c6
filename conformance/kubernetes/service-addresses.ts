// Which service has which address: as planned, and as it is stored.
import type { Plan } from "../../plan/plan.ts";
import type { KubernetesObject } from "../charts/render-chart.ts";

/** A service with an address of its own. */
export interface ServiceAddress {
  readonly name: string;
  /** Absent: it has none yet. */
  readonly address: string | undefined;
  readonly ports: readonly number[];
}

/** What the plan gives, sorted. */
export function plannedAddresses(plan: Plan): ServiceAddress[] {
  const { services } = plan.loadBalancer;
  return services.map(({ name, address, ports }) => ({ name: `${name}-address`, address, ports })).sort(byName);
}

/** What the services of type LoadBalancer among these have been given, sorted. */
export function storedAddresses(services: readonly KubernetesObject[]): ServiceAddress[] {
  return services
    .filter(({ spec }) => (spec as { type: string }).type === "LoadBalancer")
    .map(({ metadata, spec, status }) => {
      const { ports } = spec as { ports: readonly { port: number }[] };
      const { ingress = [] } = (status as { loadBalancer: { ingress?: readonly { ip: string }[] } }).loadBalancer;
      return { name: metadata.name ?? "", address: ingress[0]?.ip, ports: ports.map(({ port }) => port) };
    })
    .sort(byName);
}

const byName = (one: ServiceAddress, other: ServiceAddress): number => (one.name < other.name ? -1 : 1);
