// Kubernetes on Proxmox VE hosts: which component gets which slice of the plan, and what waits for what.
import { Provider as ProxmoxProvider } from "@muhlba91/pulumi-proxmoxve/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import { CephStorage } from "../components/ceph-storage.ts";
import { CorosyncLinks } from "../components/corosync-links.ts";
import { FirewallZones } from "../components/firewall-zones.ts";
import { mayGo } from "../components/held-hook.ts";
import { HostMembers } from "../components/host-members.ts";
import { LiveMigration } from "../components/live-migration.ts";
import { ManagementNetwork } from "../components/management-network.ts";
import { ProxmoxCluster } from "../components/proxmox-cluster.ts";
import { ProxmoxHost } from "../components/proxmox-host.ts";
import { TalosImage } from "../components/talos-image.ts";
import { TalosVm } from "../components/talos-vm.ts";
import { Usb4Ring } from "../components/usb4-ring.ts";
import { VmIds } from "../components/vm-ids.ts";
import type { Connections } from "../config/connections.ts";
import type { Plan } from "../plan/plan.ts";
import { buildCluster, createClusterProviders, type Providers, prepareCluster } from "./cluster.ts";
import type { StackOutputs } from "./outputs.ts";

/** Declares everything of a stack whose hosts run Proxmox VE. */
export function buildHomelab(plan: Plan, connections: Connections): StackOutputs {
  const { ssh } = connections;
  const providers = {
    proxmoxve: new ProxmoxProvider("proxmox", { ...connections.proxmox }),
    ...createClusterProviders(connections),
  };
  const cluster = prepareCluster(plan, connections, providers);
  const hosts = createHosts(plan, connections, providers);
  const vms = createVms(plan, connections, providers, [...hosts, cluster.versions]);
  const ceph = createStorage(plan, connections, providers, { hosts, machines: Object.values(vms.machines) });
  const monitor = plan.hosts.find(({ name }) => name === plan.ceph?.monitors[0]?.host);
  return buildCluster(cluster, {
    ...vms,
    ...(ceph === undefined ? {} : { ceph }),
    ...(monitor === undefined ? {} : { cephHost: { host: monitor, ssh } }),
  });
}

/** Ceph and the firewall that it talks through. */
function createStorage(
  plan: Plan,
  { protect, ssh }: Connections,
  providers: Providers,
  { hosts, machines }: { readonly hosts: readonly pulumi.Resource[]; readonly machines: readonly pulumi.Resource[] },
): CephStorage | undefined {
  const guard = (after: readonly pulumi.Resource[]): FirewallZones =>
    new FirewallZones(
      "firewall",
      {
        plan: plan.firewall,
        hosts: plan.hosts,
        nodes: plan.nodes,
        ssh,
        isWatched: plan.monitoring.watchesHosts,
        ...(plan.proxmoxCluster === undefined ? {} : { cluster: plan.proxmoxCluster }),
        ...(plan.ceph === undefined ? {} : { ceph: plan.ceph }),
        ...(plan.ring === undefined ? {} : { ring: plan.ring }),
      },
      // Rules of a machine belong to a machine that is there.
      { providers, dependsOn: [...hosts, ...machines, ...after] },
    );
  const { ceph } = plan;
  if (ceph === undefined) {
    guard([]);
    return undefined;
  }
  const retiring = plan.hosts.filter(mayGo).map(({ name }) => name);
  const store = (after: readonly pulumi.Resource[]): CephStorage =>
    new CephStorage(
      "ceph",
      { plan: ceph, hosts: plan.hosts, ssh, protect, retiring },
      { providers, dependsOn: [...hosts, ...after] },
    );
  // A network is open before OSDs go there, and closed after they have left: the plan names one of their own, or does not any more.
  if (ceph.clusterPrefix !== ceph.publicPrefix) return store([guard([])]);
  const storage = store([]);
  guard([storage.clusterNetwork]);
  return storage;
}

/** Hosts with their networks, joined to one cluster; what comes back is what everything on them waits for. */
function createHosts(plan: Plan, { ssh, operatorEnvironment }: Connections, providers: Providers): pulumi.Resource[] {
  // One host after the other: a mistake that makes one go dark leaves the others as they are.
  const networks: ManagementNetwork[] = [];
  for (const host of plan.hosts) {
    const dependsOn = networks.slice(-1);
    networks.push(new ManagementNetwork(`${host.name}-management`, { plan: host, ssh }, { providers, dependsOn }));
  }
  const { proxmoxCluster } = plan;
  const members = new HostMembers(
    "hosts",
    { hosts: plan.hosts, ssh, environment: operatorEnvironment },
    { providers, dependsOn: networks },
  );
  const ready: pulumi.Resource[] = [...networks, members];
  if (proxmoxCluster !== undefined) {
    ready.push(new ProxmoxCluster("cluster", { plan: proxmoxCluster, ssh }, { providers, dependsOn: networks }));
  }
  const common = {
    peers: plan.hosts,
    dns: { zone: plan.dns.zone, servers: plan.dns.servers },
    timeZone: plan.timeZone,
    ntpServers: plan.cluster.ntpServers,
    isWatched: plan.monitoring.watchesHosts,
    ssh,
  };
  const hosts: ProxmoxHost[] = [];
  for (const host of plan.hosts) {
    // One after the other: what the first one waits for, all wait for. Naming it again for each would grow with the square.
    const dependsOn = hosts.length === 0 ? ready : hosts.slice(-1);
    hosts.push(new ProxmoxHost(host.name, { plan: host, ...common }, { providers, dependsOn }));
  }
  const links =
    proxmoxCluster === undefined
      ? []
      : [new CorosyncLinks("corosync", { plan: proxmoxCluster, ssh }, { providers, dependsOn: hosts })];
  const ring =
    plan.ring === undefined
      ? []
      : [new Usb4Ring("usb4-ring", { plan: plan.ring, hosts: plan.hosts, ssh }, { providers, dependsOn: hosts })];
  if (proxmoxCluster !== undefined)
    new LiveMigration("live-migration", proxmoxCluster, { providers, dependsOn: [...hosts, ...ring] });
  return [...hosts, ...links, ...ring];
}

/** The nodes' machines, each on its own host. */
function createVms(
  plan: Plan,
  connections: Connections,
  providers: Providers,
  hosts: readonly pulumi.Resource[],
): { installerImage: pulumi.Output<string>; machines: Record<string, TalosVm> } {
  const image = new TalosImage(
    "talos-image",
    {
      plan: plan.image,
      hosts: [...new Set(plan.nodes.map((node) => node.host))].sort(),
      factoryUrl: connections.imageFactoryUrl,
    },
    { providers, dependsOn: [...hosts] },
  );
  const [first] = plan.hosts;
  const planned = plan.nodes.flatMap(({ vm }) => vm ?? []);
  const ids =
    first === undefined
      ? []
      : [
          new VmIds(
            "vm-ids",
            { machines: planned, host: first, ssh: connections.ssh },
            { providers, dependsOn: [...hosts] },
          ),
        ];
  const machines: Record<string, TalosVm> = {};
  for (const node of plan.nodes) {
    const { name, vm } = node;
    const imageFileId = vm === undefined ? undefined : image.fileIds[vm.host];
    if (vm === undefined || imageFileId === undefined) continue;
    // One after the other on a host: two that write to the same storage wait for its lock, and Proxmox gives up on that after a while.
    const previous = Object.values(machines).findLast(({ host }) => host === vm.host);
    machines[name] = new TalosVm(
      name,
      { plan: vm, imageFileId, protect: connections.protect && !mayGo(node) },
      { providers, dependsOn: [...ids, ...(previous === undefined ? [] : [previous])] },
    );
  }
  return { installerImage: image.installerImage, machines };
}
