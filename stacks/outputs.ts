// What a stack hands out: the same for every environment.
import type * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../plan/plan.ts";

/** Outputs of a stack. */
export interface StackOutputs {
  /** Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Secret. */
  readonly talosconfig: pulumi.Output<string>;
  /** Where people go: name to URL. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Every address and whose it is. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Services and the address each really has. */
  readonly services: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Endpoints as people type them. */
export function planEndpoints(plan: Plan): Record<string, string> {
  const web = plan.loadBalancer.services.map((service): [string, string] => {
    const port = service.ports.includes(443) ? 443 : (service.ports[0] ?? 80);
    const suffix = port === 443 || port === 80 ? "" : `:${port}`;
    return [service.name, `${port === 443 ? "https" : "http"}://${service.fqdn}${suffix}`];
  });
  const hosts =
    plan.platform === "proxmox"
      ? plan.hosts.map((host): [string, string] => [host.name, `https://${host.managementAddress}:8006`])
      : [];
  return Object.fromEntries([["kubernetes", plan.cluster.endpoint], ...hosts, ...web]);
}

/** The address table: one line an address. */
export function planAddresses(plan: Plan): Record<string, string> {
  return Object.fromEntries(plan.addresses.map((entry) => [entry.address, entry.owner]));
}
