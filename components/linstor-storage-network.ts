// Replicated volumes: LINSTOR by its operator, replication over a network of its own.
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { StorageClass, type StorageClassArgs } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import * as pulumi from "@pulumi/pulumi";
import type { LinstorPlan } from "../plan/plan.ts";
import { charts } from "../plan/versions.ts";
import { createChartRelease } from "./chart-release.ts";
import { InterfaceRegistration } from "./linstor/interface-registration.ts";
import { linstorNamespace } from "./linstor/linstor-pod.ts";
import { NodeConnections } from "./linstor/node-connections.ts";
import { poolOf, talosSatellites } from "./linstor/satellites.ts";
import { createPodSecurityNamespace } from "./pod-security-namespace.ts";
import { WebhookGate } from "./webhook-gate.ts";

const apiVersion = "piraeus.io/v1";
const provisioner = "linstor.csi.linbit.com";

/** Arguments of {@link LinstorStorageNetwork}. */
export interface LinstorStorageNetworkArgs {
  readonly plan: LinstorPlan;
  /** With its `v`. */
  readonly kubernetesVersion: string;
}

/**
 * A default storage class whose volumes have replicas on several nodes. Order is the point: satellites, then an interface on each of
 * them, read back, and only then the connections that name it; the class comes when every pair has its path.
 */
export class LinstorStorageNetwork extends pulumi.ComponentResource {
  static readonly type = "homelab:storage:LinstorStorageNetwork";
  /** Known once volumes replicate over their own network. */
  readonly storageClassName: pulumi.Output<string>;
  /** The configuration of each node's pool, by node: without it the operator takes the pool away. */
  readonly pools: Readonly<Record<string, pulumi.Resource>>;

  constructor(name: string, args: LinstorStorageNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super(LinstorStorageNetwork.type, name, { plan: args.plan }, opts);
    const { plan, kubernetesVersion } = args;
    const namespace = createPodSecurityNamespace(`${name}-namespace`, linstorNamespace, "privileged", { parent: this });
    const release = createChartRelease(
      `${name}-operator`,
      {
        chart: charts.piraeus,
        releaseName: "piraeus-operator",
        namespace: namespace.metadata.name,
        values: { installCRDs: true },
      },
      { parent: this },
    );
    const gate = new WebhookGate(
      `${name}-gate`,
      {
        namespace: namespace.metadata.name,
        probe: { apiVersion, kind: "LinstorSatelliteConfiguration", metadata: { name: "webhook-gate" }, spec: {} },
        resource: "linstorsatelliteconfigurations",
        isClusterScoped: true,
        generation: charts.piraeus.version,
        kubernetesVersion,
      },
      { parent: this, dependsOn: release },
    );
    const { cluster, pools } = this.#createCluster(name, plan, gate);
    this.pools = pools;
    const interfaces = new InterfaceRegistration(
      `${name}-interfaces`,
      { plan, kubernetesVersion },
      { parent: this, dependsOn: cluster },
    );
    const connections = new NodeConnections(`${name}-paths`, { plan }, { parent: this, dependsOn: interfaces });
    const storageClass = new StorageClass(`${name}-class`, storageClassInputs(plan), {
      parent: this,
      dependsOn: connections,
      // The API server takes no change of a class; two of one name cannot be there at once.
      deleteBeforeReplace: true,
    });
    this.storageClassName = storageClass.metadata.name;
    this.registerOutputs({ storageClassName: this.storageClassName });
  }

  /** Satellites with their pools; what comes back is up when the controller answers. */
  #createCluster(
    name: string,
    plan: LinstorPlan,
    gate: pulumi.Resource,
  ): { cluster: pulumi.Resource; pools: Record<string, pulumi.Resource> } {
    const configure = (role: string, spec: object): CustomResource =>
      new CustomResource(
        `${name}-${role}`,
        { apiVersion, kind: "LinstorSatelliteConfiguration", metadata: { name: role }, spec },
        { parent: this, dependsOn: gate },
      );
    const nodes = [...new Set(plan.devices.map(({ node }) => node))].sort();
    const onTalos = configure("talos", talosSatellites);
    const pools = Object.fromEntries(nodes.map((node) => [node, configure(`pool-${node}`, poolOf(plan, node))]));
    const cluster = new CustomResource(
      `${name}-cluster`,
      {
        apiVersion,
        kind: "LinstorCluster",
        metadata: { name: "linstorcluster", annotations: { "pulumi.com/waitFor": "condition=Available" } },
        spec: {},
      },
      // Satellites that start before their configuration would look for sources of DRBD to build, and fail.
      { parent: this, dependsOn: [onTalos, ...Object.values(pools)] },
    );
    return { cluster, pools };
  }
}

function storageClassInputs(plan: LinstorPlan): StorageClassArgs {
  const drbd = "property.linstor.csi.linbit.com/DrbdOptions";
  return {
    metadata: {
      name: "replicated",
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
    provisioner,
    parameters: {
      [`${provisioner}/storagePool`]: plan.pool,
      [`${provisioner}/autoPlace`]: String(plan.replicas),
      // Of a label the driver makes the property that the operator has copied it to.
      ...(plan.differentOn === undefined ? {} : { [`${provisioner}/replicasOnDifferent`]: plan.differentOn }),
      // Of two halves of a cluster only the one with more than half of the replicas (or the tie breaker) goes on writing; the other
      // waits and catches up, and no volume has two truths.
      [`${drbd}/auto-quorum`]: "suspend-io",
      [`${drbd}/Resource/on-no-data-accessible`]: "suspend-io",
      [`${drbd}/Resource/on-suspended-primary-outdated`]: "force-secondary",
      [`${drbd}/Net/rr-conflict`]: "retry-connect",
    },
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
    reclaimPolicy: "Delete",
  };
}
