import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { declareHomelab } from "../support/declared-homelab.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import type { Recording } from "../support/record-resources.ts";
import { ringPlan } from "../support/ring-plan.ts";

const declare = (config: Readonly<Record<string, string>> = {}): Promise<Recording> =>
  declareHomelab(homelabPlan(), config);

const guarded = (recording: Recording): string[] =>
  recording.resources
    .filter(({ protect }) => protect)
    .map(({ name }) => name)
    .sort();

describe("the homelab on real hardware", function () {
  this.timeout(30_000);
  after(() => pulumi.runtime.setAllConfig({}));

  it("refuses to delete what holds data or identity: machines, disks, the pool, the cluster's secrets and its start", async () => {
    const disks = ["pve-aimax-01", "pve-ms01-01", "pve-ms01-02"].map((host) => `ceph-${host}-osd-osd0`);
    const machines = ["talos-k8s-01-vm", "talos-k8s-02-vm", "talos-k8s-03-vm"];
    const expected = [...disks, "ceph-pool", "talos-bootstrap", ...machines, "talos-secrets-secrets"].sort();
    assert.deepEqual(guarded(await declare()), expected);
  });

  it("lets them go only where that is configured", async () => {
    assert.deepEqual(guarded(await declare({ "homelab:protect": "false" })), []);
  });
});

describe("what the homelab's hosts say among themselves", function () {
  this.timeout(30_000);
  after(() => pulumi.runtime.setAllConfig({}));

  const waitsFor = (recording: Recording, name: string, step: string): boolean =>
    recording.named(name).dependsOn.includes(step);

  it("goes over the ring once that is there and the firewall lets it in", async () => {
    const recording = await declareHomelab(ringPlan(), {});
    for (const step of ["usb4-ring-apply", "firewall-hosts-links", "firewall-pve-ms01-01-rules"])
      assert.ok(waitsFor(recording, "ceph", step), step);
    assert.ok(waitsFor(recording, "live-migration", "usb4-ring-apply"));
  });

  it("has left a network that the plan does not name any more by the time the firewall closes it", async () => {
    assert.ok(waitsFor(await declare(), "firewall", "ceph-cluster-network"));
  });
});
