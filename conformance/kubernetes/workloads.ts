// Whether what was asked for has come to run, as far as the API can tell.
import type { KubernetesObject } from "../charts/render-chart.ts";
import type { KubernetesApi } from "./kubernetes-api.ts";

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  /** How many pods are asked for, and how many there are. */
  readonly count: (object: KubernetesObject) => { readonly asked: number; readonly there: number };
}

type Numbers = Readonly<Record<string, number | undefined>>;
const status = (object: KubernetesObject): Numbers => (object["status"] ?? {}) as Numbers;
const spec = (object: KubernetesObject): Numbers => object["spec"] as Numbers;

const kinds: readonly Kind[] = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    count: (object) => ({ asked: spec(object)["replicas"] ?? 1, there: status(object)["readyReplicas"] ?? 0 }),
  },
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    // One that finds no node at all has none to wait for.
    count: (object) => ({
      asked: Math.max(1, status(object)["desiredNumberScheduled"] ?? 0),
      there: status(object)["numberReady"] ?? 0,
    }),
  },
  {
    apiVersion: "batch/v1",
    kind: "Job",
    count: (object) => ({ asked: spec(object)["completions"] ?? 1, there: status(object)["succeeded"] ?? 0 }),
  },
];

/** What has fewer pods than were asked for, in a person's words. */
export async function unfinishedWorkloads(api: KubernetesApi): Promise<string[]> {
  const unfinished: string[] = [];
  for (const { apiVersion, kind, count } of kinds) {
    for (const object of await api.list(apiVersion, kind)) {
      const { asked, there } = count(object);
      const { namespace, name } = object.metadata;
      if (there < asked) unfinished.push(`${kind} ${namespace}/${name} has ${there} of ${asked} pods`);
    }
  }
  return unfinished;
}
