// Pod security admission (Pod Security Standards, kubernetes.io/docs/concepts/security/pod-security-standards): what a level refuses.

import { nodesOf } from "../talos/cluster.ts";
import type { Api } from "./objects.ts";
import { getObject } from "./objects.ts";
import type { PodSpec } from "./pod-spec.ts";

const BASELINE_CAPABILITIES = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);

/** The level a namespace enforces. */
function podSecurityLevel(api: Api, namespace: string): string {
  if (namespace === "kube-system") return "privileged";
  const label = getObject(api, "v1", "Namespace", undefined, namespace)?.object.metadata.labels?.[
    "pod-security.kubernetes.io/enforce"
  ];
  return label ?? standardLevel(api) ?? "privileged";
}

/** What the control planes' configuration says for namespaces that say nothing. */
function standardLevel({ rack, cluster }: Api): string | undefined {
  return rack.kept(
    `pod-security/${cluster.name}`,
    () => nodesOf(rack, cluster).find(({ config }) => config?.type === "controlplane")?.config?.podSecurity,
  );
}

function baseline(pod: PodSpec): string[] {
  const found: string[] = [];
  const spaces = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((key) => pod[key] === true);
  if (spaces.length > 0) found.push(`host namespaces (${spaces.map((key) => `${key}=true`).join(", ")})`);
  const paths = (pod.volumes ?? []).filter((volume) => volume["hostPath"] !== undefined).map(({ name }) => `"${name}"`);
  if (paths.length > 0) found.push(`hostPath volumes (volumes ${paths.join(", ")})`);
  for (const container of pod.containers) {
    const { privileged, capabilities } = container.securityContext ?? {};
    if (privileged === true)
      found.push(`privileged (container "${container.name}" must not set securityContext.privileged=true)`);
    const added = (capabilities?.add ?? []).filter((name) => !BASELINE_CAPABILITIES.has(name));
    if (added.length > 0) {
      found.push(
        `non-default capabilities (container "${container.name}" must not include ${added.map((name) => `"${name}"`).join(", ")} in securityContext.capabilities.add)`,
      );
    }
    const ports = (container.ports ?? []).flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort]));
    if (ports.length > 0 && pod.hostNetwork !== true)
      found.push(`hostPort (container "${container.name}" uses hostPorts ${ports.join(", ")})`);
  }
  return found;
}

function restricted(pod: PodSpec): string[] {
  const found: string[] = [];
  for (const container of pod.containers) {
    const context = container.securityContext ?? {};
    const whose = `container "${container.name}"`;
    if (context.allowPrivilegeEscalation !== false)
      found.push(
        `allowPrivilegeEscalation != false (${whose} must set securityContext.allowPrivilegeEscalation=false)`,
      );
    if (!context.capabilities?.drop?.includes("ALL"))
      found.push(`unrestricted capabilities (${whose} must set securityContext.capabilities.drop=["ALL"])`);
    if ((context.runAsNonRoot ?? pod.securityContext?.runAsNonRoot) !== true)
      found.push(`runAsNonRoot != true (pod or ${whose} must set securityContext.runAsNonRoot=true)`);
    if ((context.seccompProfile ?? pod.securityContext?.seccompProfile) === undefined) {
      found.push(
        `seccompProfile (pod or ${whose} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`,
      );
    }
  }
  return found;
}

/** What keeps a pod out of its namespace; undefined: it is admitted. */
export function podSecurityProblem(api: Api, namespace: string, podName: string, pod: PodSpec): string | undefined {
  const level = podSecurityLevel(api, namespace);
  if (level === "privileged") return undefined;
  const violations = [...baseline(pod), ...(level === "restricted" ? restricted(pod) : [])];
  return violations.length === 0
    ? undefined
    : `pods "${podName}" is forbidden: violates PodSecurity "${level}:latest": ${violations.join(", ")}`;
}
