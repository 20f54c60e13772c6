// Talos on the metal: no hosts to set up, nodes are the machines themselves.
import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { ClusterMembers } from "../components/cluster-members.ts";
import type { OperatorAccess } from "../components/operator-access.ts";
import { RollingUpgrade } from "../components/rolling-upgrade.ts";
import { TalosCluster } from "../components/talos-cluster.ts";
import { TalosImage } from "../components/talos-image.ts";
import { TalosSecrets } from "../components/talos-secrets.ts";
import { VersionCheck } from "../components/version-check.ts";
import type { Connections } from "../config/connections.ts";
import type { Plan } from "../plan/plan.ts";
import { planAddresses, planEndpoints, type StackOutputs } from "./outputs.ts";
import { buildPlatform } from "./platform.ts";

/** Declares everything of a stack whose nodes are the hosts. */
export function buildMetal(plan: Plan, connections: Connections): StackOutputs {
  const { protect } = connections;
  const providers = {
    talos: new talos.Provider("talos", { imageFactoryUrl: connections.imageFactoryUrl }),
    command: new command.Provider("command"),
  };
  const secrets = new TalosSecrets("talos-secrets", { cluster: plan.cluster, protect }, { providers });
  const access: OperatorAccess = {
    talosconfig: secrets.operatorTalosconfig,
    environment: connections.operatorEnvironment,
    ...(plan.linstor === undefined ? {} : { storage: "linstor" }),
  };
  const lifecycle = { cluster: plan.cluster, nodes: plan.nodes, access };
  const versions = new VersionCheck("versions", lifecycle, { providers });
  const image = new TalosImage(
    "talos-image",
    { plan: plan.image, hosts: [], factoryUrl: connections.imageFactoryUrl },
    { providers, dependsOn: versions },
  );
  const upgrade = new RollingUpgrade("upgrade", { ...lifecycle, installerImage: image.installerImage }, { providers });
  const cluster = new TalosCluster(
    "talos",
    {
      cluster: plan.cluster,
      nodes: plan.nodes,
      secrets,
      access,
      kubePrismPort: plan.cilium.apiPort,
      installerImage: image.installerImage,
      protect,
      ...(connections.kubernetesProxyUrl === undefined ? {} : { proxyUrl: connections.kubernetesProxyUrl }),
    },
    { providers, dependsOn: upgrade },
  );
  const platform = buildPlatform({ plan, kubeconfig: cluster.kubeconfig });
  const partsOf = (name: string): pulumi.Resource[] =>
    [cluster.configurations[name]].filter((part) => part !== undefined);
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
