// The cluster of a stack, whatever its nodes run on: what stands before them, and what makes a platform of them once they are there.
import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import type { CephStorage } from "../components/ceph-storage.ts";
import { ClusterMembers } from "../components/cluster-members.ts";
import type { OperatorAccess } from "../components/operator-access.ts";
import { RollingUpgrade, type RollingUpgradeArgs } from "../components/rolling-upgrade.ts";
import { TalosCluster } from "../components/talos-cluster.ts";
import { TalosSecrets } from "../components/talos-secrets.ts";
import { VersionCheck } from "../components/version-check.ts";
import type { Connections } from "../config/connections.ts";
import type { Plan } from "../plan/plan.ts";
import { planAddresses, planEndpoints, type StackOutputs } from "./outputs.ts";
import { buildPlatform } from "./platform.ts";

/** Providers of a stack by package. */
export type Providers = Readonly<Record<string, pulumi.ProviderResource>>;

/** A cluster that has no nodes yet. */
export interface PreparedCluster {
  readonly plan: Plan;
  readonly connections: Connections;
  readonly providers: Providers;
  readonly secrets: TalosSecrets;
  readonly access: OperatorAccess;
  /** Done once the versions of the description may be built: whatever changes a node waits for it. */
  readonly versions: pulumi.Resource;
}

/** The nodes, as far as their stack made them. */
export interface ClusterNodes {
  /** Container image Talos installs itself from. */
  readonly installerImage: pulumi.Output<string>;
  /** What stands for the nodes' machines, by name. @default - the nodes are up already */
  readonly machines?: Readonly<Record<string, pulumi.Resource>>;
  /** Present: volumes come from Ceph. */
  readonly ceph?: CephStorage;
  /** Where Ceph is asked whether the next node may be touched. */
  readonly cephHost?: RollingUpgradeArgs["ceph"];
}

/** Providers that every cluster needs. */
export function createClusterProviders(connections: Connections): Providers {
  return {
    talos: new talos.Provider("talos", { imageFactoryUrl: connections.imageFactoryUrl }),
    command: new command.Provider("command"),
  };
}

/** Declares what stands before the nodes: the cluster's identity, and the leave to build these versions. */
export function prepareCluster(plan: Plan, connections: Connections, providers: Providers): PreparedCluster {
  const { cluster, nodes } = plan;
  const { protect, talosSecretsFile: importFrom } = connections;
  const secrets = new TalosSecrets(
    "talos-secrets",
    { cluster, protect, ...(importFrom === undefined ? {} : { importFrom }) },
    { providers },
  );
  const access: OperatorAccess = {
    talosconfig: secrets.operatorTalosconfig,
    environment: connections.operatorEnvironment,
    ...(plan.linstor === undefined ? {} : { linstorReplicas: plan.linstor.replicas }),
  };
  const versions = new VersionCheck("versions", { cluster, nodes, access }, { providers });
  return { plan, connections, providers, secrets, access, versions };
}

/** Declares what makes a cluster of the nodes, and the platform on it. */
export function buildCluster(prepared: PreparedCluster, on: ClusterNodes): StackOutputs {
  const { plan, connections, providers, secrets, access } = prepared;
  const { installerImage, machines = {}, ceph } = on;
  const lifecycle = { cluster: plan.cluster, nodes: plan.nodes, access };
  const upgrade = new RollingUpgrade(
    "upgrade",
    { ...lifecycle, installerImage, ...(on.cephHost === undefined ? {} : { ceph: on.cephHost }) },
    // Ceph that is still being set up has not got its copies, and would not get them while it is waited for.
    { providers, dependsOn: [...Object.values(machines), ...(ceph === undefined ? [] : [ceph])] },
  );
  const cluster = new TalosCluster(
    "talos",
    {
      ...lifecycle,
      secrets,
      kubePrismPort: plan.cilium.apiPort,
      installerImage,
      machines,
      protect: connections.protect,
      ...(connections.diskPassphrase === undefined ? {} : { diskPassphrase: connections.diskPassphrase }),
      ...(connections.kubernetesProxyUrl === undefined ? {} : { proxyUrl: connections.kubernetesProxyUrl }),
    },
    // The configuration names the versions too: by then they run.
    { providers, dependsOn: upgrade },
  );
  const platform = buildPlatform({
    plan,
    kubeconfig: cluster.kubeconfig,
    access,
    providers,
    ...(ceph === undefined ? {} : { ceph }),
  });
  const partsOf = (name: string): pulumi.Resource[] =>
    [machines[name], cluster.configurations[name], platform.pools[name]].filter((part) => part !== undefined);
  const parts = Object.fromEntries(plan.nodes.map(({ name }) => [name, partsOf(name)]));
  new ClusterMembers("members", { ...lifecycle, parts }, { providers, dependsOn: [cluster, platform.network] });
  return {
    kubeconfig: cluster.kubeconfig,
    talosconfig: cluster.talosconfig,
    endpoints: planEndpoints(plan),
    addresses: planAddresses(plan),
    services: platform.services,
  };
}
