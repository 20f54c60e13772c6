import assert from "node:assert/strict";
import { MetalLbPool } from "../../components/metal-lb-pool.ts";
import type { LoadBalancerPlan } from "../../plan/plan.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const plan = homelabPlan().loadBalancer;
const build = (change: Partial<LoadBalancerPlan> = {}): Promise<Recording> =>
  recordResources(() => new MetalLbPool("metallb", { plan: { ...plan, ...change }, kubernetesVersion: "v1.35.0" }));

describe("MetalLbPool", () => {
  it("installs MetalLB without a routing daemon, where its speakers may touch the host", async () => {
    const recording = await build();
    assert.deepEqual(recording.named("metallb-namespace").inputs["metadata"], {
      name: "metallb-system",
      labels: {
        "pod-security.kubernetes.io/enforce": "privileged",
        "pod-security.kubernetes.io/audit": "privileged",
        "pod-security.kubernetes.io/warn": "privileged",
      },
    });
    const release = recording.named("metallb-release").inputs;
    assert.equal(release["version"], "0.16.1");
    assert.deepEqual(release["values"], { frrk8s: { enabled: false }, speaker: { frr: { enabled: false } } });
  });

  it("declares the planned pool and announces it on eth1 only", async () => {
    const recording = await build();
    const pool = recording.named("metallb-pool-default").inputs;
    assert.equal(pool["apiVersion"], "metallb.io/v1beta1");
    assert.equal(pool["kind"], "IPAddressPool");
    assert.deepEqual(pool["metadata"], { name: "default", namespace: "metallb-system" });
    assert.deepEqual(pool["spec"], { addresses: ["10.8.31.10-10.8.31.200"], autoAssign: true });
    const advertisement = recording.named("metallb-advertisement").inputs;
    assert.equal(advertisement["kind"], "L2Advertisement");
    assert.deepEqual(advertisement["spec"], { ipAddressPools: ["default"], interfaces: ["eth1"] });
  });

  it("names pools by their own name, so that a further one touches nothing else", async () => {
    const further = { name: "external", range: "10.8.31.201-10.8.31.210", size: 10, autoAssign: false };
    const recording = await build({ pools: [...plan.pools, further] });
    assert.deepEqual(recording.namesOf("kubernetes:metallb.io/v1beta1:IPAddressPool"), [
      "metallb-pool-default",
      "metallb-pool-external",
    ]);
    assert.deepEqual(recording.named("metallb-pool-external").inputs["spec"], {
      addresses: ["10.8.31.201-10.8.31.210"],
      autoAssign: false,
    });
  });

  it("declares no pool before the webhook has answered", async () => {
    const recording = await build();
    const job = recording.named("metallb-gate-job");
    assert.ok(recording.named("metallb-gate").dependsOn.includes("metallb-release"));
    for (const name of ["metallb-pool-default", "metallb-advertisement"]) {
      assert.ok(recording.named(name).dependsOn.includes(job.name), `${name} waits for ${job.name}`);
    }
    assert.ok(recording.named("metallb-advertisement").dependsOn.includes("metallb-pool-default"));
  });

  it("keeps all of it as its own", async () => {
    const recording = await build();
    const strays = recording.resources.filter(
      (resource) => resource.name !== "metallb" && resource.parent === undefined,
    );
    assert.deepEqual(strays, []);
  });
});
