// A cluster on the metal with LINSTOR installed as the program does it, up to the satellites.
import { poolOf, talosSatellites } from "../../../components/linstor/satellites.ts";
import type { Properties } from "../../../lab/plugin/wire.ts";
import { jumpTo } from "../../../lab/rack/clock.ts";
import type { CommandRun } from "../../../lab/rack/command-faults.ts";
import { applyObject } from "../../../lab/rack/kubernetes/changes.ts";
import { type PodRun, runScriptedPod } from "../../../lab/rack/kubernetes/job-scripts.ts";
import type { Api } from "../../../lab/rack/kubernetes/objects.ts";
import { listPods } from "../../../lab/rack/kubernetes/pods.ts";
import { runLinstor } from "../../../lab/rack/linstor/client.ts";
import { reconcileLinstor } from "../../../lab/rack/linstor/operator.ts";
import { listClusters } from "../../../lab/rack/talos/cluster.ts";
import { charts } from "../../../plan/versions.ts";
import { ms01Plan } from "../../support/homelab-plan.ts";
import { K, namespace, object, readyCluster, releaseInputs } from "../kubernetes-world.ts";
import { type ClusterWorld, T } from "../talos-world.ts";

const version = "piraeus.io/v1";
const L = {
  configuration: "kubernetes:piraeus.io/v1:LinstorSatelliteConfiguration",
  cluster: "kubernetes:piraeus.io/v1:LinstorCluster",
  connection: "kubernetes:piraeus.io/v1:LinstorNodeConnection",
} as const;

export interface LinstorWorld extends ClusterWorld {
  api(): Api;
  /** What the command line prints. */
  linstor(...words: string[]): CommandRun;
  /** Runs a script as a Job of the program does. */
  script(text: string): Promise<PodRun>;
  connection(name: string, spec: object): Promise<unknown>;
}

/** @param satellites what the satellites' pods are configured with; default: what Talos needs */
export async function linstorWorld(satellites: object = talosSatellites): Promise<LinstorWorld> {
  const world = await readyCluster(ms01Plan());
  world.rack.settings = { latencyScale: 0, patienceMs: 300 };
  const { kubernetes, plan, rack } = world;
  await kubernetes.create(K.namespace, namespace("piraeus-datastore", "privileged"));
  const { repositoryOpts: _, ...release } = releaseInputs("piraeus-operator", "piraeus-datastore", charts.piraeus, {
    installCRDs: true,
  });
  await kubernetes.create(T.release, release);
  const api = (): Api => {
    const [cluster] = listClusters(rack);
    if (cluster === undefined) throw new Error("no cluster");
    return { rack, cluster };
  };
  // The webhook serves a little later than its pod.
  rack.transaction(() => {
    for (const { readiness } of listPods(api())) if ("at" in readiness) jumpTo(rack, readiness.at + 60_000);
  });
  const put = (token: string, kind: string, name: string, spec: object) =>
    kubernetes.create(token, object(version, kind, { name }, { spec: spec as Properties }));
  await put(L.configuration, "LinstorSatelliteConfiguration", "talos", satellites);
  for (const { name } of plan.nodes) {
    const pool = poolOf(plan.linstor ?? { pool: "", devices: [] }, name);
    await put(L.configuration, "LinstorSatelliteConfiguration", `pool-${name}`, pool);
  }
  const waitFor = { "pulumi.com/waitFor": "condition=Available" };
  await kubernetes.create(
    L.cluster,
    object(version, "LinstorCluster", { name: "linstorcluster", annotations: waitFor }, { spec: {} }),
  );
  rack.transaction(() => {
    for (const { readiness } of listPods(api())) if ("at" in readiness) jumpTo(rack, readiness.at);
    reconcileLinstor(api());
  });
  return {
    ...world,
    api,
    linstor: (...words) => runLinstor(api(), words),
    async script(text) {
      const metadata = { name: "script", namespace: "piraeus-datastore" };
      rack.transaction(() =>
        applyObject(
          api(),
          { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "run.sh": text } },
          { manager: "test" },
        ),
      );
      const mount = { name: "scripts", mountPath: "/scripts" };
      const container = { name: "linstor", command: ["sh", "/scripts/run.sh"], volumeMounts: [mount] };
      const spec = { containers: [container], volumes: [{ name: "scripts", configMap: { name: "script" } }] };
      return runScriptedPod(api(), { namespace: "piraeus-datastore", spec });
    },
    connection(name, spec) {
      const annotations = { "pulumi.com/waitFor": "condition=Configured" };
      const inputs = object(version, "LinstorNodeConnection", { name, annotations }, { spec: spec as Properties });
      return kubernetes.create(L.connection, inputs);
    },
  };
}
