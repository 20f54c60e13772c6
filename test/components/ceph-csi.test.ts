import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CephStorageClass, type CephStorageClassArgs } from "../../components/ceph-csi.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const plan = homelabPlan().ceph;
assert.ok(plan);
const fsid = "11111111-2222-3333-4444-555555555555";
const build = (change: Partial<CephStorageClassArgs> = {}): Promise<Recording> =>
  recordResources(() => {
    const access = { fsid: pulumi.output(fsid), user: "kubernetes", key: pulumi.secret("fake-key") };
    new CephStorageClass("ceph-csi", { plan, access, nodeCount: 3, ...change });
  });

describe("CephStorageClass", () => {
  it("points the driver at the planned monitors and keeps it on the nodes' own network", async () => {
    const recording = await build();
    assert.deepEqual(recording.named("ceph-csi-release").inputs["values"], {
      csiConfig: [{ clusterID: fsid, monitors: ["10.8.48.12:6789", "10.8.48.10:6789", "10.8.48.11:6789"] }],
      provisioner: { enableHostNetwork: true, replicaCount: 3, httpMetrics: { containerPort: 8681 } },
      nodeplugin: { httpMetrics: { containerPort: 8680 } },
    });
  });

  it("wants no more provisioners than there are nodes", async () => {
    const values = (await build({ nodeCount: 1 })).named("ceph-csi-release").inputs["values"];
    assert.equal((values as { provisioner: { replicaCount: number } }).provisioner.replicaCount, 1);
  });

  it("keeps the client's key secret, and out of the chart's values", async () => {
    const recording = await build();
    const { stringData } = recording.named("ceph-csi-secret").inputs;
    assert.deepEqual(stringData, { secret: { userID: "kubernetes", userKey: "fake-key" } });
    const clear = recording.resources.filter((one) => one.name !== "ceph-csi-secret");
    assert.equal(JSON.stringify(clear).includes("fake-key"), false);
  });

  it("makes the pool the default class, with volumes that can grow", async () => {
    const { inputs, dependsOn } = (await build()).named("ceph-csi-class");
    assert.ok(dependsOn.includes("ceph-csi-release"));
    assert.deepEqual(inputs, {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "ceph-rbd", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      provisioner: "rbd.csi.ceph.com",
      parameters: {
        clusterID: fsid,
        pool: "kubernetes",
        imageFeatures: "layering,exclusive-lock,object-map,fast-diff,deep-flatten",
        "csi.storage.k8s.io/fstype": "ext4",
        "csi.storage.k8s.io/provisioner-secret-name": "csi-rbd-secret",
        "csi.storage.k8s.io/provisioner-secret-namespace": "ceph-csi",
        "csi.storage.k8s.io/controller-expand-secret-name": "csi-rbd-secret",
        "csi.storage.k8s.io/controller-expand-secret-namespace": "ceph-csi",
        "csi.storage.k8s.io/node-stage-secret-name": "csi-rbd-secret",
        "csi.storage.k8s.io/node-stage-secret-namespace": "ceph-csi",
      },
      reclaimPolicy: "Delete",
      allowVolumeExpansion: true,
      volumeBindingMode: "Immediate",
    });
  });

  it("keeps data of deleted claims where that is wanted", async () => {
    assert.equal((await build({ reclaimPolicy: "Retain" })).named("ceph-csi-class").inputs["reclaimPolicy"], "Retain");
  });
});
