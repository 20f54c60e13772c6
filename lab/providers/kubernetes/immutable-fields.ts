// Fields whose change replaces an object, by kind (pulumi-kubernetes, provider/pkg/provider/diff.go `forceNew`).

const ALWAYS = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

const BY_KIND: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ["immutable"],
  Secret: ["type"],
  PersistentVolumeClaim: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  Pod: ["spec"],
  Service: ["spec.clusterIP"],
  Deployment: ["spec.selector"],
  DaemonSet: ["spec.selector"],
  ReplicaSet: ["spec.selector"],
  StatefulSet: [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  Job: ["spec.completions", "spec.selector", "spec.template"],
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
  StorageClass: ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode", "allowedTopologies"],
  CSIDriver: ["spec.attachRequired"],
};

/** Paths whose change replaces an object of this kind. */
export function immutableFields(kind: string): readonly string[] {
  return [...ALWAYS, ...(BY_KIND[kind] ?? [])];
}
