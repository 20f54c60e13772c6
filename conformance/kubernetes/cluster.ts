// A cluster as the program declares it: a control plane with the settings that Talos reads from the machine configurations, the planned nodes,
// the charts. Pods get a node and count as running; nothing of them is run but MetalLB's controller.

import type { Plan } from "../../plan/plan.ts";
import { ensureProgram } from "../build-program.ts";
import type { KubernetesObject, RenderedChart } from "../charts/render-chart.ts";
import { canIsolate } from "../metallb/namespace.ts";
import { runMetallbController } from "../metallb/run-controller.ts";
import { judgeNodes, type NodePatches, patchesOf } from "../talos/judge.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { controllerManagerFlags, type NodeConfiguration, startControllerManager, startNodes } from "./controllers.ts";
import { type AvailableChart, availableCharts } from "./program-charts.ts";
import { inOrder } from "./program-objects.ts";
import { customResourceDefinitions, type SourceName, sources } from "./sources.ts";

/** A running cluster. */
export interface Cluster {
  readonly server: ApiServer;
  /** Whether MetalLB's controller runs; it needs a network namespace. */
  readonly metallb: boolean;
}

/** What Talos makes of the configurations of the planned nodes. */
export async function nodeConfigurations(
  plan: Plan,
  patches: readonly NodePatches[] = patchesOf(plan),
): Promise<NodeConfiguration[]> {
  const judged = judgeNodes(await ensureProgram("talos"), plan, patches);
  return plan.nodes.map(({ name, role }) => {
    const { view, errors } = judged.find((node) => node.name === name) ?? { errors: ["it was not asked for"] };
    if (view === undefined) throw new Error(`Talos has no view of ${name}: ${errors.join("; ")}`);
    return { name, role, view };
  });
}

/** The first control plane's. */
export function controlPlaneOf(nodes: readonly NodeConfiguration[]): NodeConfiguration["view"] {
  const first = nodes.find(({ role }) => role === "controlplane");
  if (first === undefined) throw new Error("there is no control plane");
  return first.view;
}

/** Starts a cluster of these nodes, with nothing in it but its definitions and namespaces. */
async function startCluster(
  plan: Plan,
  nodes: readonly NodeConfiguration[],
  namespaces: readonly KubernetesObject[],
): Promise<ApiServer> {
  const view = controlPlaneOf(nodes);
  const server = await startApiServer({ servicePrefix: plan.cluster.servicePrefix, admission: view.admission });
  try {
    await startControllerManager(server, controllerManagerFlags(view));
    await startNodes(server, nodes);
    await applyAll(server, namespaces);
    for (const name of Object.keys(sources) as SourceName[]) {
      const definitions = await customResourceDefinitions(name);
      await applyAll(server, definitions);
      for (const definition of definitions) await served(server, definition);
    }
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Starts a cluster and installs the charts. */
export async function startInstalledCluster(
  plan: Plan,
  nodes: readonly NodeConfiguration[],
  namespaces: readonly KubernetesObject[],
  charts: Readonly<Record<AvailableChart, RenderedChart>>,
): Promise<Cluster> {
  const server = await startCluster(plan, nodes, namespaces);
  try {
    for (const name of availableCharts) await applyAll(server, charts[name].objects);
    const metallb = await canIsolate();
    if (metallb) await runMetallbController(server);
    return { server, metallb };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Applies what must be accepted. */
async function applyAll({ api }: ApiServer, objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of inOrder(objects)) {
    const refusal = await api.apply(object);
    if (refusal !== undefined) throw new Error(refusal);
  }
}

async function served({ api }: ApiServer, definition: KubernetesObject): Promise<void> {
  const spec = definition["spec"] as {
    group: string;
    names: { kind: string };
    versions: readonly { name: string; served: boolean }[];
  };
  const version = spec.versions.find((one) => one.served);
  if (version !== undefined) await api.waitForKind(`${spec.group}/${version.name}`, spec.names.kind);
}
