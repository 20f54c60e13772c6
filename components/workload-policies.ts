// What workloads may not do: nobody calls them unasked, they run without privileges, and the plan's denials hold on their way out.
import type * as k8s from "@pulumi/kubernetes";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type { FirewallPlan, ResolvedRule } from "../plan/plan.ts";
import { memberPrefixes } from "../plan/prefix-cover.ts";
import { createPodSecurityNamespace } from "./pod-security-namespace.ts";

/** Arguments of {@link WorkloadPolicies}. */
export interface WorkloadPoliciesArgs {
  readonly firewall: FirewallPlan;
  /** Namespaces for workloads, made here. @default - one, `workloads` */
  readonly namespaces?: readonly string[];
  /** Namespaces whose pods may call workloads (ingress controller, monitoring). @default - none */
  readonly callers?: readonly string[];
}

/** Workload namespaces with default-deny ingress and restricted pods, and the plan's egress denials for every pod of the cluster. */
export class WorkloadPolicies extends pulumi.ComponentResource {
  static readonly type = "homelab:kubernetes:WorkloadPolicies";

  constructor(name: string, args: WorkloadPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    const namespaces = args.namespaces ?? ["workloads"];
    const callers = args.callers ?? [];
    super(WorkloadPolicies.type, name, { namespaces, callers }, opts);
    for (const namespaceName of namespaces) {
      const namespace = createPodSecurityNamespace(`${name}-${namespaceName}`, namespaceName, "restricted", {
        parent: this,
      });
      const policy = (role: string, ingress: k8s.types.input.networking.v1.NetworkPolicyIngressRule[]): void => {
        new NetworkPolicy(
          `${name}-${namespaceName}-${role}`,
          {
            metadata: { name: role, namespace: namespace.metadata.name },
            spec: { podSelector: {}, policyTypes: ["Ingress"], ingress },
          },
          { parent: this },
        );
      };
      policy("default-deny-ingress", []);
      policy("allow-same-namespace", [{ from: [{ podSelector: {} }] }]);
      if (callers.length > 0) policy("allow-callers", [{ from: callers.map(namespacePeer) }]);
    }
    for (const rule of args.firewall.podEgressDenials) {
      new CustomResource(
        `${name}-deny-${rule.name}`,
        {
          apiVersion: "cilium.io/v2",
          kind: "CiliumClusterwideNetworkPolicy",
          metadata: { name: `deny-${rule.name}` },
          spec: denialSpec(rule),
        },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}

/** The API server itself puts a namespace's name into this label. */
const namespacePeer = (namespace: string): k8s.types.input.networking.v1.NetworkPolicyPeer => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
});

function denialSpec(rule: ResolvedRule): object {
  return {
    description: rule.purpose ?? `${rule.name}: ${rule.fromZone} to ${rule.toZone}`,
    endpointSelector: {},
    // Without this a pod that any policy selects may do only what some policy allows.
    enableDefaultDeny: { egress: false, ingress: false },
    egressDeny: [{ toCIDR: rule.to.flatMap(memberPrefixes), ...protocolPart(rule) }],
  };
}

/** All of a protocol is port 0; ICMP means its echo request, the type that opens a conversation. */
function protocolPart(rule: ResolvedRule): object {
  if (rule.protocol === "any") return {};
  if (rule.protocol === "icmp") return { icmps: [{ fields: [{ family: "IPv4", type: "EchoRequest" }] }] };
  const protocol = rule.protocol.toUpperCase();
  const ports = rule.ports.length === 0 ? [0] : rule.ports;
  return { toPorts: [{ ports: ports.map((port) => ({ port: String(port), protocol })) }] };
}
