// What the programs that run in Jobs do to the cluster, as far as they are known; any other program just takes a while and succeeds.
import { ports } from "../talos/reach.ts";
import { forbidden, isPermitted } from "./access.ts";
import type { Readiness } from "./cluster-nodes.ts";
import type { KindInfo } from "./kinds.ts";
import { podReachesControlPlane } from "./node-ports.ts";
import { type Api, getObject, type KubeObject, kindOf, type Stored } from "./objects.ts";
import type { Pod } from "./pods.ts";
import { judgedAt } from "./webhooks.ts";

const RUN_MS = 3_000;

/** A file that a container reads, out of the ConfigMap mounted there. @param container default: the first */
export function fileOf(
  api: Api,
  pod: Pick<Pod, "spec" | "namespace">,
  path: string,
  container = pod.spec.containers[0],
): string | undefined {
  const mount = container?.volumeMounts?.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
  const volume = pod.spec.volumes?.find(({ name }) => name === mount?.name);
  const configMap = getObject(api, "v1", "ConfigMap", pod.namespace, volume?.configMap?.name ?? "");
  return ((configMap?.object["data"] ?? {}) as Record<string, string>)[path.slice((mount?.mountPath.length ?? 0) + 1)];
}

/** `kubectl create --dry-run=server`: done once the API server has the object admitted. */
function dryRun(api: Api, pod: Pod, startedAt: number, command: readonly string[], pods: readonly Pod[]): Readiness {
  const path = command[command.indexOf("--filename") + 1] ?? "";
  const text = fileOf(api, pod, path);
  if (text === undefined) return { blocked: `Job has failed its pods: error: the path "${path}" does not exist` };
  const object = JSON.parse(text) as KubeObject;
  let info: KindInfo;
  try {
    info = kindOf(api, object.apiVersion, object.kind);
  } catch (error) {
    return { blocked: `Job has failed its pods: error: ${(error as Error).message}` };
  }
  const attempt = {
    namespace: pod.namespace,
    account: pod.spec.serviceAccountName ?? "default",
    verb: "create",
    group: object.apiVersion.split("/")[0] ?? "",
    resource: info.plural,
    isClusterScoped: !info.isNamespaced,
  };
  if (!isPermitted(api, attempt)) return { blocked: `Job has failed its pods: ${forbidden(attempt)}` };
  if (pod.node && !podReachesControlPlane(api, pod.node.talos, ports.kubernetesApi))
    return { blocked: "Job has failed its pods: Unable to connect to the server: dial tcp 10.96.0.1:443: i/o timeout" };
  const judged = judgedAt(api, object, pods);
  return judged === undefined
    ? { blocked: "Job has failed its pods: failed calling webhook: connect: connection refused" }
    : { at: Math.max(startedAt, judged) + RUN_MS };
}

/** Whether a job's pod runs a script out of a ConfigMap: that is really run (job-scripts.ts), not guessed at. */
export function isScripted({ spec }: Pick<Pod, "spec">): boolean {
  return [...(spec.initContainers ?? []), ...spec.containers].some(({ command }) => command?.[0] === "sh");
}

/** When a job is complete. */
export function jobCompletion(api: Api, job: Stored, pods: readonly Pod[]): Readiness {
  if (job.isDone === true) return { at: job.createdAt };
  const pod = pods.find(({ owner }) => owner.sequence === job.sequence);
  if (!pod) return { blocked: "Job has no pods" };
  if ("blocked" in pod.readiness) return pod.readiness;
  const command = [...(pod.spec.containers[0]?.command ?? []), ...(pod.spec.containers[0]?.args ?? [])];
  if (isScripted(pod)) return { blocked: "Job has not completed yet" };
  const isDryRun = command[0] === "kubectl" && command[1] === "create" && command.includes("--dry-run=server");
  return isDryRun ? dryRun(api, pod, pod.readiness.at, command, pods) : { at: pod.readiness.at + RUN_MS };
}
