// What the model of a Helm chart is: values in, objects out. Only what has an effect in the rack is made: workloads, services, definitions,
// webhooks, and the few ConfigMaps that others read.
import type { JsonObject, KubeObject } from "../objects.ts";

/** Values that a release is installed with. */
export type Values = Readonly<Record<string, unknown>>;

/** What a chart is told of its release. */
export interface ReleaseInfo {
  readonly name: string;
  readonly namespace: string;
}

/** A chart at one version. */
export interface ChartModel {
  readonly name: string;
  readonly version: string;
  /** Absent: in an OCI registry, and `name` is its whole address. */
  readonly repository?: string;
  /** Version of the software, as `helm list` shows it. */
  readonly appVersion: string;
  /** Top-level keys that the chart's values have: another one is a slip that Helm would swallow. */
  readonly keys: ReadonlySet<string>;
  /** Definitions from `crds/`: installed first, left behind by an uninstall. */
  definitions?(): KubeObject[];
  objects(release: ReleaseInfo, values: Values): KubeObject[];
}

/** Reads a nested value, e.g. `operator.replicas`. */
export function valueAt(values: Values, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (at, key) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined),
      values,
    );
}

/** Reads a nested text. */
export function textAt(values: Values, path: string, otherwise: string): string {
  const value = valueAt(values, path);
  return value === undefined || value === null ? otherwise : String(value);
}

/** Reads a nested number. */
export function numberAt(values: Values, path: string, otherwise: number): number {
  const value = valueAt(values, path);
  return value === undefined || value === null ? otherwise : Number(value);
}

/** Reads a nested switch. */
export function isOn(values: Values, path: string, otherwise: boolean): boolean {
  const value = valueAt(values, path);
  return value === undefined || value === null ? otherwise : value === true;
}

/** A set of words. */
export function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/** Labels that charts put on their pods. */
export function chartLabels(name: string, release: ReleaseInfo, component?: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/instance": release.name,
    ...(component === undefined ? {} : { "app.kubernetes.io/component": component }),
  };
}

interface WorkloadArgs {
  readonly kind: "Deployment" | "DaemonSet" | "StatefulSet";
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly replicas?: number;
  readonly pod?: JsonObject;
  readonly container?: JsonObject;
  readonly annotations?: Record<string, string>;
  readonly spec?: JsonObject;
}

/** A workload with one container. */
export function workload(release: ReleaseInfo, args: WorkloadArgs): KubeObject {
  const container = { name: args.name, image: `${args.name}:chart`, ...args.container };
  return {
    apiVersion: "apps/v1",
    kind: args.kind,
    metadata: {
      name: args.name,
      namespace: release.namespace,
      labels: args.labels,
      ...(args.annotations ? { annotations: args.annotations } : {}),
    },
    spec: {
      ...(args.kind === "DaemonSet" ? {} : { replicas: args.replicas ?? 1 }),
      selector: { matchLabels: args.labels },
      template: { metadata: { labels: args.labels }, spec: { ...args.pod, containers: [container] } },
      ...args.spec,
    },
  };
}

/** A service inside the cluster, or of another type as `spec` says. */
export function service(
  release: ReleaseInfo,
  name: string,
  selector: Record<string, string>,
  ports: readonly number[],
  extra: { spec?: JsonObject; annotations?: Record<string, string> } = {},
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: release.namespace, ...(extra.annotations ? { annotations: extra.annotations } : {}) },
    spec: { type: "ClusterIP", selector, ports: ports.map((port) => ({ name: `port-${port}`, port })), ...extra.spec },
  };
}

/** Custom resource definitions of one group: `IPAddressPool` or, outside of namespaces, `CiliumNode!`. */
export function definitions(group: string, version: string, kinds: string): KubeObject[] {
  return kinds.split(/\s+/).map((word) => {
    const kind = word.replace("!", "");
    const lower = kind.toLowerCase();
    const plural = /(s|x)$/.test(lower)
      ? `${lower}es`
      : /[^aeiou]y$/.test(lower)
        ? `${lower.slice(0, -1)}ies`
        : `${lower}s`;
    return {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: {
        group,
        scope: word.endsWith("!") ? "Cluster" : "Namespaced",
        names: { kind, plural, singular: lower },
        versions: [{ name: version, served: true, storage: true }],
      },
    };
  });
}

/** A validating webhook configuration, one webhook for each resource. */
export function validatingWebhooks(
  name: string,
  target: { service: string; namespace: string; group: string; failurePolicy: string },
  resources: Record<string, { webhook: string; path: string }>,
): KubeObject {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name },
    webhooks: Object.entries(resources).map(([resource, { webhook, path }]) => ({
      name: webhook,
      failurePolicy: target.failurePolicy,
      clientConfig: { service: { name: target.service, namespace: target.namespace, path } },
      rules: [{ apiGroups: [target.group], resources: [resource] }],
    })),
  };
}

/** Type, address and annotations of a service as a section of the values says. */
export function serviceSpec(values: Values, path: string): { spec: JsonObject; annotations: Record<string, string> } {
  const address = valueAt(values, `${path}.spec.loadBalancerIP`) ?? valueAt(values, `${path}.loadBalancerIP`);
  const spec = {
    type: textAt(values, `${path}.type`, "ClusterIP"),
    ...(typeof address === "string" ? { loadBalancerIP: address } : {}),
  };
  return { spec, annotations: (valueAt(values, `${path}.annotations`) ?? {}) as Record<string, string> };
}
