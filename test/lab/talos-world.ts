// The homelab's hardware with its Talos machines started, and the steps from there to a cluster: what the tests of Talos and Kubernetes
// begin with.
import { renderInstallPatch, renderMachineConfigPatch } from "../../components/machine-config.ts";
import type { Properties } from "../../lab/plugin/wire.ts";
import { revealAll } from "../../lab/plugin/wire.ts";
import { kubernetes } from "../../lab/providers/kubernetes/provider.ts";
import { talos } from "../../lab/providers/talos/provider.ts";
import { cephCluster, cephKeys, cephMonitors, cephOsds, cephPools } from "../../lab/rack/ceph.ts";
import { bootNewMachines } from "../../lab/rack/first-boot.ts";
import { linksOf, putLinks } from "../../lab/rack/links.ts";
import type { Rack } from "../../lab/rack/store.ts";
import { vms } from "../../lab/rack/vms.ts";
import type { NodePlan, Plan } from "../../plan/plan.ts";
import { installerName, renderSchematic } from "../../plan/schematic.ts";
import { type FurnishedRack, furnishedRack, Plugin } from "./furnished-rack.ts";

/** Schematic of every image here: the guest agent. */
const SCHEMATIC = "customization:\n  systemExtensions:\n    officialExtensions: [siderolabs/qemu-guest-agent]\n";

/** Kinds of resources by short names. */
export const T = {
  secrets: "talos:machine/secrets:Secrets",
  apply: "talos:machine/configurationApply:ConfigurationApply",
  bootstrap: "talos:machine/bootstrap:Bootstrap",
  kubeconfig: "talos:cluster/kubeconfig:Kubeconfig",
  schematic: "talos:imageFactory/schematic:Schematic",
  configuration: "talos:machine/getConfiguration:getConfiguration",
  health: "talos:cluster/getHealth:getHealth",
  release: "kubernetes:helm.sh/v3:Release",
} as const;

export interface TalosWorld extends FurnishedRack {
  readonly talos: Plugin;
  readonly schematic: string;
}

function startVm(rack: Rack, node: NodePlan, imageUrl: string): void {
  const { vm } = node;
  if (!vm) return;
  vms(rack).put(String(vm.id), {
    vmid: vm.id,
    uuid: `uuid-${vm.id}`,
    name: vm.name,
    host: vm.host,
    cores: vm.cores,
    memoryMiB: vm.memoryMiB,
    running: true,
    nics: vm.nics.map(({ bridge, vlanId, mac, mtu }) => ({
      bridge,
      vlanId,
      mac,
      mtu,
      firewall: false,
      disconnected: false,
    })),
    disks: [{ interface: "scsi0", volumeId: `local-lvm:vm-${vm.id}-disk-0`, sizeGiB: vm.diskGiB, imageUrl }],
    addresses: vm.nics.map(({ address, gateway }) => ({ address, ...(gateway === undefined ? {} : { gateway }) })),
    dnsServers: [...vm.dnsServers],
    tags: [],
    onBoot: true,
    protection: false,
    config: {},
    bootCount: 1,
  });
}

/** Machines in maintenance, nothing configured. @param given default: the homelab's plan */
export async function talosWorld(given?: Plan): Promise<TalosWorld> {
  const furnished = furnishedRack(given);
  const { rack, plan } = furnished;
  // Whatever a test waits for comes at once or never.
  rack.settings = { latencyScale: 0, patienceMs: 10 };
  const plugin = new Plugin(talos, { imageFactoryUrl: "https://factory.test.rack.invalid" });
  const isMetal = plan.platform === "metal";
  const { id: schematic } = await plugin.create(T.schematic, {
    schematic: isMetal ? renderSchematic(plan.image) : SCHEMATIC,
  });
  bootNewMachines(rack, plan);
  const url = `https://factory.talos.dev/image/${schematic}/${plan.image.talosVersion}/nocloud-amd64.raw.gz`;
  for (const node of plan.nodes) startVm(rack, node, url);
  return { ...furnished, talos: plugin, schematic };
}

/** The configuration of a node as the program makes it. */
export async function configurationOf(
  world: TalosWorld,
  node: NodePlan,
  machineSecrets: Properties,
): Promise<{ input: string; patches: string[] }> {
  const { cluster } = world.plan;
  const { result } = await world.talos.kernel.invoke(
    T.configuration,
    {
      clusterName: cluster.name,
      clusterEndpoint: cluster.endpoint,
      machineSecrets,
      machineType: node.role,
      kubernetesVersion: cluster.kubernetesVersion,
      talosVersion: cluster.talosVersion,
      docs: false,
      examples: false,
    },
    false,
  );
  const installer = `factory.talos.dev/${installerName(world.plan.image)}/${world.schematic}:${cluster.talosVersion}`;
  const patches = [
    renderMachineConfigPatch({ cluster, node, kubePrismPort: world.plan.cilium.apiPort }),
    renderInstallPatch(node, installer),
  ];
  return { input: String(revealAll(result)["machineConfiguration"]), patches };
}

/** Secrets as the provider gives them, revealed. */
export async function makeSecrets(
  world: TalosWorld,
): Promise<{ machineSecrets: Properties; clientConfiguration: Properties }> {
  const outputs = revealAll(
    (await world.talos.create(T.secrets, { talosVersion: world.plan.cluster.talosVersion })).outputs,
  );
  return {
    machineSecrets: outputs["machineSecrets"] as Properties,
    clientConfiguration: outputs["clientConfiguration"] as Properties,
  };
}

export interface ClusterWorld extends TalosWorld {
  readonly secrets: { readonly machineSecrets: Properties; readonly clientConfiguration: Properties };
  readonly kubeconfig: string;
  readonly kubernetes: Plugin;
}

/** Every node configured. */
export async function applyAll(
  world: TalosWorld,
  secrets: ClusterWorld["secrets"],
  nodes: readonly NodePlan[] = world.plan.nodes,
): Promise<void> {
  for (const node of nodes) {
    const { input, patches } = await configurationOf(world, node, secrets.machineSecrets);
    const { clientConfiguration } = secrets;
    await world.talos.create(T.apply, {
      node: node.managementAddress,
      clientConfiguration,
      machineConfigurationInput: input,
      configPatches: patches,
    });
  }
}

/** A bootstrapped cluster without a pod network, and access to it. */
export async function clusterWorld(plan?: Plan): Promise<ClusterWorld> {
  const world = await talosWorld(plan);
  const secrets = await makeSecrets(world);
  await applyAll(world, secrets);
  const access = { node: bootstrapAddress(world.plan), clientConfiguration: secrets.clientConfiguration };
  await world.talos.create(T.bootstrap, access);
  const kubeconfig = String(revealAll((await world.talos.create(T.kubeconfig, access)).outputs)["kubeconfigRaw"]);
  return { ...world, secrets, kubeconfig, kubernetes: new Plugin(kubernetes, { kubeconfig }) };
}

export function bootstrapAddress(plan: Plan): string {
  return plan.nodes.find(({ name }) => name === plan.cluster.bootstrapNode)?.managementAddress ?? "";
}

/** Ceph as the host scripts leave it: bonds up, monitors on every host, one pool and a client for Kubernetes. */
export function startCeph(world: FurnishedRack): { fsid: string; key: string } {
  const { rack, plan } = world;
  const fsid = "11111111-2222-3333-4444-555555555555";
  for (const host of plan.hosts) {
    const links = linksOf(rack, host.name);
    for (const bond of host.bonds) {
      const { name, members, mode, mtu, xmitHashPolicy, lacpRate } = bond;
      links[name] = {
        name,
        kind: "bond",
        members: [...members],
        bondMode: mode,
        mtu,
        xmitHashPolicy,
        lacpRate,
        addresses: [],
        autostart: true,
      };
      for (const vlan of bond.vlanInterfaces) {
        links[vlan.name] = {
          name: vlan.name,
          kind: "vlan",
          parent: name,
          vlanId: vlan.vlanId,
          mtu: vlan.mtu,
          addresses: [vlan.address],
          autostart: true,
        };
      }
    }
    putLinks(rack, host.name, links);
  }
  const ceph = plan.ceph;
  if (!ceph) throw new Error("the homelab has Ceph");
  const { pool } = ceph;
  cephCluster(rack).put("cluster", {
    fsid,
    publicNetwork: ceph.publicPrefix,
    size: pool.size,
    minSize: pool.minSize,
  });
  for (const { host, address } of ceph.monitors) cephMonitors(rack).put(host, { address });
  for (const [index, { host, device }] of ceph.osds.entries()) {
    cephOsds(rack).put(String(index), { host, device, deviceClass: "nvme", uuid: `osd-${index}` });
  }
  cephPools(rack).put(pool.name, { size: pool.size, minSize: pool.minSize, pgNum: 32, application: "rbd" });
  cephKeys(rack).put("client.kubernetes", { key: "secret-key", caps: {} });
  return { fsid, key: "secret-key" };
}
