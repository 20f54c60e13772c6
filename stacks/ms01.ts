// Talos on the metal: no hosts to set up, nodes are the machines themselves.
import { AmtFirstBoot } from "../components/amt-first-boot.ts";
import { TalosImage } from "../components/talos-image.ts";
import type { Connections } from "../config/connections.ts";
import type { Plan } from "../plan/plan.ts";
import { buildCluster, createClusterProviders, prepareCluster } from "./cluster.ts";
import type { StackOutputs } from "./outputs.ts";

/** Declares everything of a stack whose nodes are the hosts. */
export function buildMetal(plan: Plan, connections: Connections): StackOutputs {
  const providers = createClusterProviders(connections);
  const cluster = prepareCluster(plan, connections, providers);
  const { installerImage } = new TalosImage(
    "talos-image",
    { plan: plan.image, hosts: [], factoryUrl: connections.imageFactoryUrl },
    { providers, dependsOn: cluster.versions },
  );
  const { amtFirstBoots, nodes } = plan;
  if (amtFirstBoots.length === 0) return buildCluster(cluster, { installerImage });
  const { machines } = new AmtFirstBoot(
    "first-boot",
    { machines: amtFirstBoots, nodes, access: cluster.access, password: connections.amtPassword ?? "" },
    { providers, dependsOn: cluster.versions },
  );
  return buildCluster(cluster, { installerImage, machines });
}
