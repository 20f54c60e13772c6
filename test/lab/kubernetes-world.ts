// A cluster of the rack with the releases that tests of its Kubernetes need.
import { ciliumValues } from "../../components/cilium.ts";
import type { Properties } from "../../lab/plugin/wire.ts";
import { type KubernetesStatus, kubernetesStatus } from "../../lab/rack/kubernetes/status.ts";
import type { Plan } from "../../plan/plan.ts";
import { type ChartVersion, charts } from "../../plan/versions.ts";
import { type ClusterWorld, clusterWorld, T } from "./talos-world.ts";

/** Type tokens by short names. */
export const K = {
  namespace: "kubernetes:core/v1:Namespace",
  service: "kubernetes:core/v1:Service",
  configMap: "kubernetes:core/v1:ConfigMap",
  secret: "kubernetes:core/v1:Secret",
  claim: "kubernetes:core/v1:PersistentVolumeClaim",
  deployment: "kubernetes:apps/v1:Deployment",
  job: "kubernetes:batch/v1:Job",
  storageClass: "kubernetes:storage.k8s.io/v1:StorageClass",
  pool: "kubernetes:metallb.io/v1beta1:IPAddressPool",
  advertisement: "kubernetes:metallb.io/v1beta1:L2Advertisement",
} as const;

/** Inputs of a release. */
export function releaseInputs(
  name: string,
  namespace: string,
  chart: ChartVersion,
  values: object,
  extra: Properties = {},
): Properties {
  return {
    name,
    namespace,
    chart: chart.chart,
    version: chart.version,
    repositoryOpts: { repo: chart.repository },
    values: values as Properties,
    timeout: 600,
    ...extra,
  };
}

/** Cilium as the program installs it, with some values changed. */
export function ciliumRelease(world: ClusterWorld, changed: object = {}): Properties {
  return releaseInputs(
    "cilium",
    "kube-system",
    charts.cilium,
    { ...ciliumValues(world.plan.cilium), ...changed },
    { atomic: true },
  );
}

export const metallbValues = { frrk8s: { enabled: false }, speaker: { frr: { enabled: false } } };

/** A cluster whose nodes are Ready. */
export async function readyCluster(plan?: Plan): Promise<ClusterWorld> {
  const world = await clusterWorld(plan);
  await world.kubernetes.create(T.release, ciliumRelease(world));
  return world;
}

/** An object's inputs. */
export function object(apiVersion: string, kind: string, metadata: Properties, rest: Properties = {}): Properties {
  return { apiVersion, kind, metadata, ...rest };
}

export function namespace(name: string, level?: string): Properties {
  const labels = level === undefined ? {} : { labels: { "pod-security.kubernetes.io/enforce": level } };
  return object("v1", "Namespace", { name, ...labels });
}

/** A deployment of one container. */
export function deployment(
  name: string,
  space: string,
  pod: Properties = {},
  container: Properties = {},
  replicas = 1,
): Properties {
  const labels = { app: name };
  return object(
    "apps/v1",
    "Deployment",
    { name, namespace: space },
    {
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "main", image: "example/main:1", ...container }], ...pod },
        },
      },
    },
  );
}

/** A service of type LoadBalancer for the deployment of that name. */
export function loadBalancer(name: string, space: string, address?: string): Properties {
  const annotations = address === undefined ? {} : { annotations: { "metallb.io/loadBalancerIPs": address } };
  const spec = { type: "LoadBalancer", selector: { app: name }, ports: [{ port: 80 }] };
  return object("v1", "Service", { name, namespace: space, ...annotations }, { spec });
}

/** The rack's one cluster. */
export function statusOf(world: ClusterWorld): KubernetesStatus {
  const [status] = kubernetesStatus(world.rack);
  if (!status) throw new Error("no cluster");
  return status;
}
