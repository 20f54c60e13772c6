// Volumes on the hosts' Ceph: the CSI driver and the default storage class.
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import * as pulumi from "@pulumi/pulumi";
import type { CephPlan } from "../plan/plan.ts";
import { charts } from "../plan/versions.ts";
import { createChartRelease } from "./chart-release.ts";
import { createPodSecurityNamespace } from "./pod-security-namespace.ts";

const provisioner = "rbd.csi.ceph.com";
const secretName = "csi-rbd-secret";
/** On the hosts' network two pods of one node may not share a port, and 8080 is too common there. */
const metricsPorts = { nodeplugin: 8680, provisioner: 8681 } as const;

/** What is known of the Ceph cluster once it runs. */
export interface CephAccess {
  /** Id of the Ceph cluster. */
  readonly fsid: pulumi.Input<string>;
  /** Client without its `client.` prefix. */
  readonly user: pulumi.Input<string>;
  /** The client's key. Secret. */
  readonly key: pulumi.Input<string>;
}

/** Arguments of {@link CephStorageClass}. */
export interface CephStorageClassArgs {
  readonly plan: CephPlan;
  readonly access: CephAccess;
  /** Nodes that may run a provisioner. */
  readonly nodeCount: number;
  /** What happens to the data when its claim is deleted. @default - `Delete`: claim and data go together */
  readonly reclaimPolicy?: "Delete" | "Retain";
}

/** Claims without a class get a volume in the planned pool. */
export class CephStorageClass extends pulumi.ComponentResource {
  static readonly type = "homelab:storage:CephStorageClass";
  /** Known once volumes can be had. */
  readonly storageClassName: pulumi.Output<string>;

  constructor(name: string, args: CephStorageClassArgs, opts?: pulumi.ComponentResourceOptions) {
    super(CephStorageClass.type, name, { plan: args.plan, nodeCount: args.nodeCount }, opts);
    const { plan, access } = args;
    // Mounting is done in the host's mount namespace.
    const namespace = createPodSecurityNamespace(`${name}-namespace`, "ceph-csi", "privileged", { parent: this });
    const secret = new Secret(
      `${name}-secret`,
      {
        metadata: { name: secretName, namespace: namespace.metadata.name },
        stringData: pulumi.secret({ userID: access.user, userKey: access.key }),
      },
      { parent: this },
    );
    const release = createChartRelease(
      `${name}-release`,
      {
        chart: charts.cephCsi,
        releaseName: "ceph-csi-rbd",
        namespace: namespace.metadata.name,
        values: cephCsiValues(plan, access.fsid, args.nodeCount),
      },
      { parent: this, dependsOn: secret },
    );
    const storageClass = new StorageClass(
      `${name}-class`,
      {
        metadata: { name: "ceph-rbd", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        provisioner,
        parameters: storageClassParameters(plan, access.fsid, namespace.metadata.name),
        reclaimPolicy: args.reclaimPolicy ?? "Delete",
        allowVolumeExpansion: true,
        // Every node reaches every volume: there is no place to wait for, and a claim that cannot be served says so at once.
        volumeBindingMode: "Immediate",
      },
      { parent: this, dependsOn: release },
    );
    this.storageClassName = storageClass.metadata.name;
    this.registerOutputs({ storageClassName: this.storageClassName });
  }
}

/** Helm values (chart ceph-csi-rbd). */
function cephCsiValues(plan: CephPlan, fsid: pulumi.Input<string>, nodeCount: number): Record<string, unknown> {
  return {
    // Port 6789 (messenger v1) is what the kernel's client speaks unless told otherwise.
    csiConfig: [{ clusterID: fsid, monitors: plan.monitors.map((monitor) => `${monitor.address}:6789`) }],
    // Only a node's own network knows the way to the storage addresses, and crosses no router on it. The node plug-in is there anyway.
    provisioner: {
      enableHostNetwork: true,
      replicaCount: Math.min(3, nodeCount),
      httpMetrics: { containerPort: metricsPorts.provisioner },
    },
    nodeplugin: { httpMetrics: { containerPort: metricsPorts.nodeplugin } },
  };
}

function storageClassParameters(
  plan: CephPlan,
  fsid: pulumi.Input<string>,
  namespace: pulumi.Input<string>,
): Record<string, pulumi.Input<string>> {
  const secretFor = ["provisioner", "controller-expand", "node-stage"].flatMap(
    (step): [string, pulumi.Input<string>][] => [
      [`csi.storage.k8s.io/${step}-secret-name`, secretName],
      [`csi.storage.k8s.io/${step}-secret-namespace`, namespace],
    ],
  );
  return {
    clusterID: fsid,
    pool: plan.pool.name,
    imageFeatures: "layering,exclusive-lock,object-map,fast-diff,deep-flatten",
    "csi.storage.k8s.io/fstype": "ext4",
    ...Object.fromEntries(secretFor),
  };
}
