// Talos on the metal: no hosts to set up, nodes are the machines themselves.
import * as talos from "@pulumiverse/talos";
import { TalosCluster } from "../components/talos-cluster.ts";
import { TalosImage } from "../components/talos-image.ts";
import type { Connections } from "../config/connections.ts";
import type { Plan } from "../plan/plan.ts";
import { planAddresses, planEndpoints, type StackOutputs } from "./outputs.ts";
import { buildPlatform } from "./platform.ts";

/** Declares everything of a stack whose nodes are the hosts. */
export function buildMetal(plan: Plan, connections: Connections): StackOutputs {
  const provider = new talos.Provider("talos", { imageFactoryUrl: connections.imageFactoryUrl });
  const image = new TalosImage(
    "talos-image",
    { plan: plan.image, hosts: [], factoryUrl: connections.imageFactoryUrl },
    { providers: { talos: provider } },
  );
  const cluster = new TalosCluster(
    "talos",
    {
      cluster: plan.cluster,
      nodes: plan.nodes,
      kubePrismPort: plan.cilium.apiPort,
      installerImage: image.installerImage,
      protect: connections.protect,
      ...(connections.kubernetesProxyUrl === undefined ? {} : { proxyUrl: connections.kubernetesProxyUrl }),
    },
    { providers: { talos: provider } },
  );
  const services = buildPlatform({ plan, kubeconfig: cluster.kubeconfig });
  return {
    kubeconfig: cluster.kubeconfig,
    talosconfig: cluster.talosconfig,
    endpoints: planEndpoints(plan),
    addresses: planAddresses(plan),
    services,
  };
}
