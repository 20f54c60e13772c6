// What runs on a cluster that answers: network, load balancer, storage class, ingress, dashboards, policies. The same on every stack.
import { Provider } from "@pulumi/kubernetes/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import { type CephAccess, CephStorageClass } from "../components/ceph-csi.ts";
import { Cilium } from "../components/cilium.ts";
import { Dashboard } from "../components/dashboard.ts";
import { EtcdBackup } from "../components/etcd-backup.ts";
import { Ingress } from "../components/ingress.ts";
import { LinstorStorageNetwork } from "../components/linstor-storage-network.ts";
import { MetalLbPool } from "../components/metal-lb-pool.ts";
import { Monitoring } from "../components/monitoring.ts";
import type { OperatorAccess } from "../components/operator-access.ts";
import { WorkloadPolicies } from "../components/workload-policies.ts";
import type { Plan } from "../plan/plan.ts";

/** What the platform stands on. */
export interface PlatformArgs {
  readonly plan: Plan;
  readonly kubeconfig: pulumi.Output<string>;
  readonly access: OperatorAccess;
  /** The stack's, by package. */
  readonly providers: Readonly<Record<string, pulumi.ProviderResource>>;
  /** Present: volumes come from Ceph. */
  readonly ceph?: CephAccess;
}

/** What the platform gives. */
export interface Platform {
  /** The address each service really has. */
  readonly services: Record<string, pulumi.Output<string>>;
  /** The pod network: nodes are Ready once it is there. */
  readonly network: pulumi.Resource;
  /** The storage pool on each node that has one: it stays until the node has left. */
  readonly pools: Readonly<Record<string, pulumi.Resource>>;
}

/** Declares the platform. */
export function buildPlatform({ plan, kubeconfig, access, ceph, ...args }: PlatformArgs): Platform {
  const kubernetes = new Provider("kubernetes", { kubeconfig, enableServerSideApply: true });
  const providers = { ...args.providers, kubernetes };
  const service = (name: string): Plan["loadBalancer"]["services"][number] | undefined =>
    plan.loadBalancer.services.find((s) => s.name === name);

  const cilium = new Cilium("cilium", { plan: plan.cilium }, { providers });
  // Nothing else runs before there is a pod network.
  const onNetwork = { providers, dependsOn: cilium };
  const loadBalancer = new MetalLbPool(
    "metallb",
    { plan: plan.loadBalancer, cluster: plan.cluster, nodes: plan.nodes, access },
    onNetwork,
  );
  const storageClass = createStorageClass(plan, ceph, onNetwork);
  const callers = [
    ...(service("traefik") === undefined ? [] : [Ingress.namespace]),
    ...(service("prometheus") === undefined ? [] : [Monitoring.namespace]),
  ];
  new WorkloadPolicies("policies", { firewall: plan.firewall, callers }, onNetwork);

  const onPlatform = { providers, dependsOn: [loadBalancer, ...(storageClass === undefined ? [] : [storageClass])] };
  if (storageClass !== undefined) {
    const { storageClassName } = storageClass;
    const { talosVersion } = plan.cluster;
    new EtcdBackup("etcd-backup", { talosVersion, storageClassName }, onPlatform);
  }
  const addresses: Record<string, pulumi.Output<string>> = {};
  const traefik = service("traefik");
  if (traefik !== undefined) addresses["traefik"] = new Ingress("ingress", { service: traefik }, onPlatform).address;
  const dashboard = service("dashboard");
  if (dashboard !== undefined)
    addresses["dashboard"] = new Dashboard("dashboard", { service: dashboard }, onPlatform).address;
  const grafana = service("grafana");
  const prometheus = service("prometheus");
  if (grafana !== undefined || prometheus !== undefined) {
    const monitoring = new Monitoring(
      "monitoring",
      {
        metrics: plan.monitoring.metrics,
        hosts: plan.monitoring.watchesHosts ? plan.hosts : [],
        ...(grafana === undefined ? {} : { grafana }),
        ...(prometheus === undefined ? {} : { prometheus }),
        ...(storageClass === undefined ? {} : { storageClassName: storageClass.storageClassName }),
      },
      onPlatform,
    );
    Object.assign(addresses, monitoring.addresses);
  }
  const pools = storageClass instanceof LinstorStorageNetwork ? storageClass.pools : {};
  return { services: addresses, network: cilium, pools };
}

/** Where volumes come from: the hosts' Ceph, or the nodes' own disks. */
function createStorageClass(
  plan: Plan,
  ceph: CephAccess | undefined,
  opts: pulumi.ComponentResourceOptions,
): CephStorageClass | LinstorStorageNetwork | undefined {
  if (plan.ceph !== undefined && ceph !== undefined) {
    const { workloadsOnControlPlanes } = plan.cluster;
    const nodeCount = plan.nodes.filter(({ role }) => role === "worker" || workloadsOnControlPlanes).length;
    return new CephStorageClass("ceph-csi", { plan: plan.ceph, access: ceph, nodeCount }, opts);
  }
  if (plan.linstor === undefined) return undefined;
  const { kubernetesVersion } = plan.cluster;
  return new LinstorStorageNetwork("linstor", { plan: plan.linstor, kubernetesVersion }, opts);
}
