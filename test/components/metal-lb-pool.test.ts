import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { MetalLbPool } from "../../components/metal-lb-pool.ts";
import type { LoadBalancerPlan } from "../../plan/plan.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const { loadBalancer: plan, cluster, nodes } = homelabPlan();
const access = { talosconfig: pulumi.secret("hidden"), environment: {} };
const build = (change: Partial<LoadBalancerPlan> = {}): Promise<Recording> =>
  recordResources(() => new MetalLbPool("metallb", { plan: { ...plan, ...change }, cluster, nodes, access }));

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
    const { name, namespace } = pool["metadata"] as { name: string; namespace: string };
    assert.deepEqual([name, namespace], ["default", "metallb-system"]);
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
      const { dependsOn } = recording.named(name);
      const waitsFor = dependsOn.flatMap((one) => [one, ...recording.named(one).dependsOn]);
      assert.ok(waitsFor.includes(job.name), `${name} waits for ${job.name}`);
    }
    assert.ok(recording.named("metallb-advertisement").dependsOn.includes("metallb-pool-default"));
  });

  it("has addresses that change hands given up first, by pools and services that it may change afterwards", async () => {
    const recording = await build();
    const free = recording.named("metallb-free-addresses");
    const { POOLS, SERVICES } = free.inputs["environment"] as Record<string, string>;
    assert.equal(POOLS, "default=10.8.31.10-10.8.31.200");
    assert.match(String(SERVICES), /^dashboard-address=10\.8\.31\.11 grafana-address=10\.8\.31\.12 /);
    const pool = recording.named("metallb-pool-default");
    assert.ok(pool.dependsOn.includes(free.name));
    const { labels, annotations } = pool.inputs["metadata"] as Record<string, object>;
    assert.deepEqual([labels, annotations], [{ "homelab/planned": "yes" }, { "pulumi.com/patchForce": "true" }]);
  });

  it("keeps all of it as its own", async () => {
    const recording = await build();
    const strays = recording.resources.filter(
      (resource) => resource.name !== "metallb" && resource.parent === undefined,
    );
    assert.deepEqual(strays, []);
  });
});
