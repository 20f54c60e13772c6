import assert from "node:assert/strict";
import type { Properties } from "../../../lab/plugin/wire.ts";
import { cephPools } from "../../../lab/rack/ceph.ts";
import { linksOf, putLinks } from "../../../lab/rack/links.ts";
import { charts } from "../../../plan/versions.ts";
import { deployment, K, namespace, object, readyCluster, releaseInputs, statusOf } from "../kubernetes-world.ts";
import { type ClusterWorld, startCeph, T } from "../talos-world.ts";

describe("volumes of the rack's Kubernetes", () => {
  let world: ClusterWorld;
  let ceph: { fsid: string; key: string };
  const create = (token: string, inputs: Properties) => world.kubernetes.create(token, inputs);
  const secret = (userKey: string) =>
    create(
      K.secret,
      object(
        "v1",
        "Secret",
        { name: "csi-rbd-secret", namespace: "ceph-csi" },
        { stringData: { userID: "kubernetes", userKey } },
      ),
    );
  const driver = (values: object = {}) => {
    const monitors = world.plan.ceph?.monitors.map(({ address }) => `${address}:6789`) ?? [];
    const standard = {
      csiConfig: [{ clusterID: ceph.fsid, monitors }],
      provisioner: { enableHostNetwork: true, replicaCount: 3, httpMetrics: { containerPort: 8681 } },
    };
    return create(T.release, releaseInputs("ceph-csi-rbd", "ceph-csi", charts.cephCsi, { ...standard, ...values }));
  };
  const storageClass = (changed: Record<string, string> = {}) => {
    const parameters = {
      clusterID: ceph.fsid,
      pool: "kubernetes",
      "csi.storage.k8s.io/provisioner-secret-name": "csi-rbd-secret",
      "csi.storage.k8s.io/provisioner-secret-namespace": "ceph-csi",
      ...changed,
    };
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    return create(
      K.storageClass,
      object(
        "storage.k8s.io/v1",
        "StorageClass",
        { name: "ceph-rbd", annotations },
        { provisioner: "rbd.csi.ceph.com", parameters },
      ),
    );
  };
  const claim = (spec: object = {}) =>
    create(
      K.claim,
      object(
        "v1",
        "PersistentVolumeClaim",
        { name: "data", namespace: "demo" },
        { spec: { accessModes: ["ReadWriteOnce"], ...spec } },
      ),
    );

  beforeEach(async () => {
    world = await readyCluster();
    ceph = startCeph(world);
    await create(K.namespace, namespace("ceph-csi", "privileged"));
    await create(K.namespace, namespace("demo"));
  });
  afterEach(() => world.close());

  it("are bound by the driver on Ceph, and stay bound", async () => {
    await secret(ceph.key);
    await driver();
    await storageClass();
    const { outputs } = await claim();
    assert.deepEqual(outputs["status"], { phase: "Bound" });
    cephPools(world.rack).delete("kubernetes");
    assert.deepEqual(statusOf(world).claims, [{ name: "demo/PersistentVolumeClaim/data", isBound: true }]);
  });

  it("need a class", async () => {
    await assert.rejects(claim(), /no persistent volumes available for this claim and no storage class is set/);
    await assert.rejects(claim({ storageClassName: "fast" }), /storageclass\.storage\.k8s\.io "fast" not found/);
  });

  it("wait for the driver", async () => {
    await storageClass();
    await assert.rejects(
      claim(),
      /waiting for a volume to be created, either by external provisioner "rbd\.csi\.ceph\.com"/,
    );
  });

  it("need the right key", async () => {
    await secret("wrong");
    await driver();
    await storageClass();
    await assert.rejects(claim(), /rados: ret=-13, Permission denied/);
  });

  it("need the cluster's id where the driver looks it up", async () => {
    await secret(ceph.key);
    await driver({ csiConfig: [] });
    await storageClass();
    await assert.rejects(claim(), /missing configuration for cluster ID/);
  });

  it("need a pool that exists", async () => {
    await secret(ceph.key);
    await driver();
    await storageClass({ pool: "other" });
    await assert.rejects(claim(), /pool not found: pool \(other\) not found in Ceph cluster/);
  });

  it("cannot be made without a quorum of monitors", async () => {
    await secret(ceph.key);
    await driver();
    await storageClass();
    for (const host of world.plan.hosts.slice(0, 2)) {
      const links = linksOf(world.rack, host.name);
      const bond = links["bond0"];
      if (bond) putLinks(world.rack, host.name, { ...links, bond0: { ...bond, members: [] } });
    }
    await assert.rejects(claim(), /DeadlineExceeded desc = context deadline exceeded \(monitors .* do not answer\)/);
  });

  it("keep a StatefulSet's pod waiting until its claim is bound", async () => {
    const template = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"] } };
    const { spec } = deployment("db", "demo") as { spec: Properties };
    const set = object(
      "apps/v1",
      "StatefulSet",
      { name: "db", namespace: "demo" },
      { spec: { ...spec, volumeClaimTemplates: [template] } },
    );
    await assert.rejects(
      create("kubernetes:apps/v1:StatefulSet", set),
      /pod db-0: pod has unbound immediate PersistentVolumeClaims: data-db-0: no persistent volumes available/,
    );
    await secret(ceph.key);
    await driver();
    await storageClass();
    const subject = {
      token: "kubernetes:apps/v1:StatefulSet",
      name: "one",
      urn: `urn:pulumi:test::test::kubernetes:apps/v1:StatefulSet::one`,
    };
    const outputs = await world.kubernetes.kernel.update(subject, "demo/db", set, set, false);
    assert.equal((outputs["status"] as { readyReplicas: number }).readyReplicas, 1);
  });
});
