// Kinds of objects that the API server knows by itself; more come with custom resource definitions.

/** What the API server needs to know of a kind. */
export interface KindInfo {
  readonly kind: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/** By API version; a `!` marks kinds that lie outside of namespaces. */
const BUILT_IN: Readonly<Record<string, string>> = {
  v1: `Namespace! Node! PersistentVolume! ConfigMap Secret Service ServiceAccount Pod PersistentVolumeClaim Endpoints Event LimitRange
    ResourceQuota ReplicationController PodTemplate`,
  "apps/v1": "Deployment StatefulSet DaemonSet ReplicaSet ControllerRevision",
  "batch/v1": "Job CronJob",
  "autoscaling/v2": "HorizontalPodAutoscaler",
  "policy/v1": "PodDisruptionBudget",
  "networking.k8s.io/v1": "Ingress IngressClass! NetworkPolicy",
  "rbac.authorization.k8s.io/v1": "ClusterRole! ClusterRoleBinding! Role RoleBinding",
  "storage.k8s.io/v1": "StorageClass! CSIDriver! CSINode! VolumeAttachment!",
  "scheduling.k8s.io/v1": "PriorityClass!",
  "coordination.k8s.io/v1": "Lease",
  "discovery.k8s.io/v1": "EndpointSlice",
  "node.k8s.io/v1": "RuntimeClass!",
  "apiextensions.k8s.io/v1": "CustomResourceDefinition!",
  "apiregistration.k8s.io/v1": "APIService!",
  "admissionregistration.k8s.io/v1":
    "ValidatingWebhookConfiguration! MutatingWebhookConfiguration! ValidatingAdmissionPolicy! ValidatingAdmissionPolicyBinding!",
  "certificates.k8s.io/v1": "CertificateSigningRequest!",
};

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower === "endpoints") return lower;
  if (/(s|x|ch)$/.test(lower)) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

const known = new Map<string, KindInfo>();
for (const [apiVersion, kinds] of Object.entries(BUILT_IN)) {
  for (const word of kinds.split(/\s+/)) {
    const kind = word.replace("!", "");
    known.set(`${apiVersion}/${kind}`, { kind, plural: pluralOf(kind), isNamespaced: !word.endsWith("!") });
  }
}

/** A kind that every API server has. */
export function builtInKind(apiVersion: string, kind: string): KindInfo | undefined {
  return known.get(`${apiVersion}/${kind}`);
}

/** `metallb.io/v1beta1` → `metallb.io`; `v1` → ``. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}
