// The workloads the operator makes: controller, driver, and a satellite on every node.
import type { ClusterNode } from "../kubernetes/cluster-nodes.ts";
import type { JsonObject, KubeObject } from "../kubernetes/objects.ts";

/** Where the operator and its satellites run. */
export const LINSTOR_NAMESPACE = "piraeus-datastore";
/** Provisioner of its storage classes. */
export const LINSTOR_DRIVER = "linstor.csi.linbit.com";

/** Label of nodes that replicas may have to differ in. */
export const ZONE_LABEL = "topology.kubernetes.io/zone";

const managed = { "app.kubernetes.io/managed-by": "piraeus-operator" };

interface Part {
  readonly kind: "Deployment" | "DaemonSet";
  readonly name: string;
  readonly pod?: JsonObject;
  readonly annotations?: Record<string, string>;
}

function workload({ kind, name, pod, annotations }: Part): KubeObject {
  const labels = { ...managed, "app.kubernetes.io/component": name };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace: LINSTOR_NAMESPACE, labels, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      ...(kind === "Deployment" ? { replicas: 1 } : {}),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...pod, containers: [{ name, image: "piraeus" }] } },
    },
  };
}

/** Controller and driver. */
export function controllerObjects(): KubeObject[] {
  const name = "linstor-controller";
  return [
    workload({ kind: "Deployment", name }),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: LINSTOR_NAMESPACE, labels: managed },
      spec: { type: "ClusterIP", selector: { "app.kubernetes.io/component": name }, ports: [{ port: 3370 }] },
    },
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIDriver",
      metadata: { name: LINSTOR_DRIVER, labels: managed },
      spec: {},
    },
    workload({
      kind: "Deployment",
      name: "linstor-csi-controller",
      annotations: { "rack.invalid/csi-provisioner": LINSTOR_DRIVER },
    }),
    workload({ kind: "DaemonSet", name: "linstor-csi-node", pod: { hostNetwork: true } }),
  ];
}

interface PodPatch {
  hostNetwork?: boolean;
  initContainers?: { name: string; $patch?: string }[];
}

/** Whether a configuration is for a node. */
export function isFor(configuration: KubeObject, node: ClusterNode): boolean {
  const selector = (configuration.spec?.["nodeSelector"] ?? {}) as Record<string, string>;
  return Object.entries(selector).every(([key, value]) => node.labels[key] === value);
}

/** What keeps a satellite from starting on Talos; undefined: nothing. */
function satelliteProblem(node: ClusterNode, patches: readonly PodPatch[]): string | undefined {
  const deleted = patches
    .flatMap(({ initContainers }) => initContainers ?? [])
    .filter(({ $patch }) => $patch === "delete");
  if (!deleted.some(({ name }) => name === "drbd-module-loader"))
    return "Init:CrashLoopBackOff: drbd-module-loader: no kernel headers under /lib/modules or /usr/src, cannot build DRBD";
  const modules = node.talos.config?.modules.map(({ name }) => name) ?? [];
  const missing = ["drbd", "drbd_transport_tcp"].find((name) => !modules.includes(name));
  return missing === undefined ? undefined : `kernel module ${missing} is not loaded`;
}

/** The satellite of one node, with every configuration that is for it. */
export function satelliteObject(node: ClusterNode, configurations: readonly KubeObject[]): KubeObject {
  const patches = configurations
    .filter((configuration) => isFor(configuration, node))
    .map(({ spec }) => ((spec?.["podTemplate"] as { spec?: PodPatch } | undefined)?.spec ?? {}) satisfies PodPatch);
  const problem = satelliteProblem(node, patches);
  return workload({
    kind: "DaemonSet",
    name: `linstor-satellite.${node.name}`,
    pod: {
      hostNetwork: patches.some(({ hostNetwork }) => hostNetwork === true),
      nodeSelector: { "kubernetes.io/hostname": node.name },
      tolerations: [{ operator: "Exists" }],
      ...(problem === undefined ? {} : { "rack.invalid/problem": problem }),
    },
  });
}
