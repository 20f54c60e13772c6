// Whether a service account may do something (RBAC): roles of its namespace, and roles of the whole cluster.
import { type Api, getObject, type KubeObject, listKind } from "./objects.ts";

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  verbs?: string[];
}

/** One attempt of a service account. */
interface Attempt {
  readonly namespace: string;
  readonly account: string;
  readonly verb: string;
  readonly group: string;
  /** Plural. */
  readonly resource: string;
  /** Whether what it is about lies outside of namespaces. */
  readonly isClusterScoped: boolean;
}

function isSubject({ namespace, account }: Attempt, binding: KubeObject): boolean {
  const subjects = (binding["subjects"] ?? []) as { kind: string; name: string; namespace?: string }[];
  return subjects.some(
    (subject) => subject.kind === "ServiceAccount" && subject.name === account && subject.namespace === namespace,
  );
}

function allows(attempt: Attempt, role: KubeObject | undefined): boolean {
  const rules = (role?.["rules"] ?? []) as Rule[];
  const has = (list: string[] | undefined, word: string) =>
    list?.some((entry) => entry === word || entry === "*") === true;
  return rules.some(
    (rule) =>
      has(rule.apiGroups, attempt.group) && has(rule.resources, attempt.resource) && has(rule.verbs, attempt.verb),
  );
}

/** Whether one of the account's bindings permits it. */
export function isPermitted(api: Api, attempt: Attempt): boolean {
  const version = "rbac.authorization.k8s.io/v1";
  const role = (binding: KubeObject): KubeObject | undefined => {
    const { kind, name } = binding["roleRef"] as { kind: string; name: string };
    return getObject(api, version, kind, kind === "ClusterRole" ? undefined : binding.metadata.namespace, name)?.object;
  };
  const inCluster = listKind(api, "ClusterRoleBinding");
  const inNamespace = attempt.isClusterScoped
    ? []
    : listKind(api, "RoleBinding").filter(({ object }) => object.metadata.namespace === attempt.namespace);
  return [...inCluster, ...inNamespace].some(
    ({ object }) => isSubject(attempt, object) && allows(attempt, role(object)),
  );
}

/** The API server's refusal. */
export function forbidden({ namespace, account, verb, group, resource, isClusterScoped }: Attempt): string {
  const where = isClusterScoped ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const name = group === "" ? resource : `${resource}.${group}`;
  return `${name} is forbidden: User "system:serviceaccount:${namespace}:${account}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
}
