// What the programs that run in Jobs do to the cluster, as far as they are known; any other program just takes a while and succeeds.
import type { Readiness } from "./cluster-nodes.ts";
import { type Api, getObject, type KubeObject, kindOf, listKind, type Stored } from "./objects.ts";
import type { Pod } from "./pods.ts";
import { judgedAt } from "./webhooks.ts";

const RUN_MS = 3_000;

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  verbs?: string[];
}

function mayCreate(api: Api, namespace: string, account: string, group: string, plural: string): boolean {
  const bindings = listKind(api, "RoleBinding").filter(({ object }) => {
    const subjects = (object["subjects"] ?? []) as { kind: string; name: string; namespace?: string }[];
    return (
      object.metadata.namespace === namespace &&
      subjects.some((subject) => subject.kind === "ServiceAccount" && subject.name === account)
    );
  });
  return bindings.some(({ object }) => {
    const role = getObject(
      api,
      "rbac.authorization.k8s.io/v1",
      "Role",
      namespace,
      (object["roleRef"] as { name: string }).name,
    );
    const rules = (role?.object["rules"] ?? []) as Rule[];
    return rules.some(
      (rule) => rule.apiGroups?.includes(group) && rule.resources?.includes(plural) && rule.verbs?.includes("create"),
    );
  });
}

/** The file that `kubectl create --filename` reads, out of the ConfigMap mounted there. */
function fileOf(api: Api, pod: Pod, path: string): string | undefined {
  const container = pod.spec.containers[0];
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
  let plural: string;
  try {
    plural = kindOf(api, object.apiVersion, object.kind).plural;
  } catch (error) {
    return { blocked: `Job has failed its pods: error: ${(error as Error).message}` };
  }
  const account = pod.spec.serviceAccountName ?? "default";
  const group = object.apiVersion.split("/")[0] ?? "";
  if (!mayCreate(api, pod.namespace, account, group, plural)) {
    return {
      blocked: `Job has failed its pods: ${plural}.${group} is forbidden: User "system:serviceaccount:${pod.namespace}:${account}" cannot create resource "${plural}" in API group "${group}" in the namespace "${pod.namespace}"`,
    };
  }
  const judged = judgedAt(api, object, pods);
  return judged === undefined
    ? { blocked: "Job has failed its pods: failed calling webhook: connect: connection refused" }
    : { at: Math.max(startedAt, judged) + RUN_MS };
}

/** When a job is complete. */
export function jobCompletion(api: Api, job: Stored, pods: readonly Pod[]): Readiness {
  if (job.isDone === true) return { at: job.createdAt };
  const pod = pods.find(({ owner }) => owner.sequence === job.sequence);
  if (!pod) return { blocked: "Job has no pods" };
  if ("blocked" in pod.readiness) return pod.readiness;
  const command = [...(pod.spec.containers[0]?.command ?? []), ...(pod.spec.containers[0]?.args ?? [])];
  const isDryRun = command[0] === "kubectl" && command[1] === "create" && command.includes("--dry-run=server");
  return isDryRun ? dryRun(api, pod, pod.readiness.at, command, pods) : { at: pod.readiness.at + RUN_MS };
}
