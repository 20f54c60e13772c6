import assert from "node:assert/strict";
import { WorkloadPolicies, type WorkloadPoliciesArgs } from "../../components/workload-policies.ts";
import type { ResolvedRule } from "../../plan/plan.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const { firewall } = homelabPlan();
const build = (change: Partial<WorkloadPoliciesArgs> = {}): Promise<Recording> =>
  recordResources(() => new WorkloadPolicies("policies", { firewall, callers: ["traefik"], ...change }));

async function denialOf(change: Partial<ResolvedRule>): Promise<unknown> {
  const [rule] = firewall.podEgressDenials;
  assert.ok(rule);
  const recording = await build({ firewall: { ...firewall, podEgressDenials: [{ ...rule, name: "x", ...change }] } });
  return (recording.named("policies-deny-x").inputs["spec"] as { egressDeny: unknown[] }).egressDeny[0];
}

describe("WorkloadPolicies", () => {
  it("makes a workload namespace in which pods run without privileges", async () => {
    assert.deepEqual((await build()).named("policies-workloads").inputs["metadata"], {
      name: "workloads",
      labels: {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
    });
  });

  it("lets nobody call workloads but their neighbours and the ingress controller", async () => {
    const recording = await build();
    const ingress = (name: string): unknown =>
      (recording.named(`policies-workloads-${name}`).inputs["spec"] as { ingress: unknown }).ingress;
    assert.deepEqual(ingress("default-deny-ingress"), []);
    assert.deepEqual(ingress("allow-same-namespace"), [{ from: [{ podSelector: {} }] }]);
    assert.deepEqual(ingress("allow-callers"), [
      { from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "traefik" } } }] },
    ]);
    const alone = await build({ callers: [] });
    assert.equal(
      alone.resources.some((resource) => resource.name === "policies-workloads-allow-callers"),
      false,
    );
  });

  it("denies pods what the plan denies, and nothing more by it", async () => {
    const recording = await build();
    assert.deepEqual(recording.namesOf("kubernetes:cilium.io/v2:CiliumClusterwideNetworkPolicy"), [
      "policies-deny-workload-to-out-of-band",
      "policies-deny-workload-to-proxmox-ssh",
      "policies-deny-workload-to-proxmox-web",
    ]);
    assert.deepEqual(recording.named("policies-deny-workload-to-proxmox-ssh").inputs["spec"], {
      description: "workload-to-proxmox-ssh: workload to hosts",
      endpointSelector: {},
      enableDefaultDeny: { egress: false, ingress: false },
      egressDeny: [
        {
          toCIDR: ["10.8.16.12/32", "10.8.16.10/32", "10.8.16.11/32"],
          toPorts: [{ ports: [{ port: "22", protocol: "TCP" }] }],
        },
      ],
    });
  });

  it("turns every kind of rule into one that Cilium knows", async () => {
    const to = ["192.0.2.0/24"];
    const toCIDR = to;
    assert.deepEqual(await denialOf({ to, protocol: "any", ports: [] }), { toCIDR });
    assert.deepEqual(await denialOf({ to, protocol: "udp", ports: [] }), {
      toCIDR,
      toPorts: [{ ports: [{ port: "0", protocol: "UDP" }] }],
    });
    assert.deepEqual(await denialOf({ to, protocol: "icmp", ports: [] }), {
      toCIDR,
      icmps: [{ fields: [{ family: "IPv4", type: "EchoRequest" }] }],
    });
    assert.deepEqual(await denialOf({ to: ["192.0.2.10-192.0.2.13"], protocol: "any", ports: [] }), {
      toCIDR: ["192.0.2.10/31", "192.0.2.12/31"],
    });
  });
});
