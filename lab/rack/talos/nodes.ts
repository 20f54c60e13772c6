// Talos nodes: what is installed on a machine and what it does right now. Stored is what lies on the node's disk (configuration, etcd's
// data); stage, addresses and readiness follow from it, from the machine and from the clock.
import { contains, parseAddress, parsePrefix } from "../../../plan/ipv4.ts";
import { simulatedNow } from "../clock.ts";
import type { Rack } from "../store.ts";
import { schematicOfImage } from "./image-factory.ts";
import { markInstalled } from "./install-disk.ts";
import { type MachineConfig, readMachineConfig } from "./machine-config.ts";
import { listMachines, type Machine } from "./machines.ts";
import { bootProblem } from "./volumes.ts";

/** What lies on a node's disk. Documents of kind `talos`, by the machine's id. */
export interface Installation {
  /** Of the disk it lies on. */
  readonly instance: string;
  /** YAML, as applied. */
  configuration: string;
  /** Applied with mode `staged`; active after the next boot. */
  staged?: string;
  /** When it is up, in simulated milliseconds. */
  runsFrom: number;
  /** When it last got another configuration without a restart, in simulated milliseconds. */
  reconfiguredAt?: number;
  /** What runs: from the installer's image. */
  version: string;
  schematic: string;
  platform: "nocloud" | "metal";
  /** Its boot loader is signed. */
  secureBoot?: boolean;
  /** Volumes that were encrypted when it was installed. */
  encrypted?: readonly string[];
  /** What kept it from coming up at its last start. */
  bootProblem?: string;
  /** How often it was started again since it was installed. */
  restarts?: number;
  /** What keeps its kubelet from coming up. */
  kubeletProblem?: string;
}

/** A node as it is right now. */
export interface TalosNode {
  readonly machine: Machine;
  /**
   * - `off`: no power, or nothing to boot from
   * - `maintenance`: waits for a configuration, without any authentication
   * - `booting`: installs itself or restarts
   * - `broken`: `problem` keeps it from coming up
   */
  readonly stage: "off" | "maintenance" | "booting" | "running" | "broken";
  readonly problem?: string;
  readonly installation?: Installation;
  readonly config?: MachineConfig;
  /** Name in the cluster. */
  readonly hostname: string;
  /** Without prefix length. */
  readonly addresses: readonly string[];
  /** Address of the kubelet; absent with the reason in `problem` when no address fits. */
  readonly nodeIp?: string;
  /** Address etcd announces. */
  readonly etcdAddress?: string;
}

/** Simulated milliseconds from a configuration to a node that runs: install, restart, start of the services. */
export const INSTALL_MS = 90_000;
/** Simulated milliseconds that a restart takes. */
export const REBOOT_MS = 40_000;

const installations = (rack: Rack) => rack.collection<Installation>("talos");

const parsed = new Map<string, MachineConfig>();

function configOf(text: string): MachineConfig {
  let config = parsed.get(text);
  if (!config) {
    config = readMachineConfig(text);
    // A few nodes, a few versions each: the map must not grow with every apply.
    if (parsed.size > 500) parsed.clear();
    parsed.set(text, config);
  }
  return config;
}

function strip(cidr: string): string {
  return cidr.split("/")[0] ?? cidr;
}

function isWithin(address: string, prefixes: readonly string[]): boolean {
  const value = parseAddress(address);
  return prefixes.some((text) => {
    const prefix = parsePrefix(text);
    return value.ok && prefix.ok && contains(prefix.value, value.value);
  });
}

/** Names of the interfaces inside the node. A nocloud image boots with net.ifnames=0. */
function linkNames(machine: Machine, platform: "nocloud" | "metal"): string[] {
  return machine.nics.map((nic, index) => (platform === "nocloud" ? `eth${index}` : nic.name));
}

function addressesOf(machine: Machine, installation: Installation, config: MachineConfig): string[] {
  const physical = linkNames(machine, installation.platform);
  const looksPhysical = (name: string) => /^(eth\d+|en[a-z0-9]+)$/.test(name);
  const configured = config.links
    .filter(({ name }) => !looksPhysical(name) || physical.includes(name))
    .flatMap(({ addresses }) => addresses);
  const booted =
    installation.platform === "nocloud" ? machine.bootAddresses.filter((address) => address !== undefined) : [];
  return [...new Set([...configured, ...booted].map(strip))];
}

function nodeIpOf(config: MachineConfig, addresses: readonly string[]): string | undefined {
  const excluded = [...config.podSubnets, ...config.serviceSubnets];
  const candidates = addresses.filter(
    (address) => !isWithin(address, excluded) && !config.vips.some((vip) => vip.address === address),
  );
  return candidates.find((address) => config.nodeIpSubnets.length === 0 || isWithin(address, config.nodeIpSubnets));
}

function etcdAddressOf(
  config: MachineConfig,
  addresses: readonly string[],
  nodeIp: string | undefined,
): string | undefined {
  if (config.etcdSubnets.length === 0) return nodeIp;
  return addresses.find((address) => isWithin(address, config.etcdSubnets) && !isWithin(address, config.podSubnets));
}

function installedNode(rack: Rack, machine: Machine, installation: Installation): TalosNode {
  const config = configOf(installation.configuration);
  const addresses = addressesOf(machine, installation, config);
  const nodeIp = nodeIpOf(config, addresses);
  const etcdAddress = etcdAddressOf(config, addresses, nodeIp);
  const hostname = config.hostname ?? `talos-${machine.instance.replace(/[^a-z0-9]/g, "").slice(0, 6)}`;
  const unknownImage = schematicOfImage(rack, config.installImage).problem;
  const noNodeIp =
    nodeIp === undefined
      ? "kubelet: no suitable node IP found, please make sure .machine.kubelet.nodeIP filters and pod/service subnets are set up correctly"
      : undefined;
  const broken = installation.bootProblem ?? unknownImage;
  const problem = broken ?? noNodeIp;
  const isUp = simulatedNow(rack) >= installation.runsFrom;
  const stage = !machine.isPowered ? "off" : broken !== undefined ? "broken" : isUp ? "running" : "booting";
  return {
    machine,
    stage,
    installation,
    config,
    hostname,
    addresses,
    ...(problem === undefined ? {} : { problem }),
    ...(nodeIp === undefined ? {} : { nodeIp }),
    ...(etcdAddress === undefined ? {} : { etcdAddress }),
  };
}

function nodeOf(rack: Rack, machine: Machine): TalosNode {
  const installation = installations(rack).get(machine.id);
  if (installation?.instance === machine.instance) return installedNode(rack, machine, installation);
  const addresses = machine.bootAddresses.filter((address) => address !== undefined).map(strip);
  const failed = failedInstalls(rack).get(machine.id);
  return {
    ...(failed === undefined ? {} : { problem: failed.problem }),
    machine,
    stage: machine.isPowered && machine.medium ? "maintenance" : "off",
    hostname: machine.id,
    addresses,
  };
}

/** Every machine that has Talos on it or has booted it. */
export function listNodes(rack: Rack): TalosNode[] {
  return listMachines(rack).map((machine) => nodeOf(rack, machine));
}

/** One node, by its machine's id. */
export function getNode(rack: Rack, machineId: string): TalosNode | undefined {
  return listNodes(rack).find(({ machine }) => machine.id === machineId);
}

/** The node that has an address. */
export function nodeAt(rack: Rack, address: string): TalosNode | undefined {
  return listNodes(rack).find((node) => node.addresses.includes(address));
}

/** Writes what a node was sent onto its disk. */
export function install(rack: Rack, machine: Machine, installation: Omit<Installation, "instance">): void {
  failedInstalls(rack).delete(machine.id);
  installations(rack).put(machine.id, { ...installation, instance: machine.instance });
}

/** The same, and starts the machine with it. */
export function installAndStart(rack: Rack, machine: Machine, installation: Omit<Installation, "instance">): void {
  const { bootProblem: _, ...rest } = installation;
  const installed = { ...rest, instance: machine.instance };
  const problem = bootProblem(machine, installed, configOf(rest.configuration));
  install(rack, machine, { ...rest, ...(problem === undefined ? {} : { bootProblem: problem }) });
}

/** Empties a node's disk: it comes up in maintenance again. */
export function wipe(rack: Rack, machine: Machine): void {
  installations(rack).delete(machine.id);
  markInstalled(rack, machine, undefined);
}

const failedInstalls = (rack: Rack) => rack.collection<{ readonly problem: string }>("talos-failed-install");

/** Keeps for the console why a machine is still in maintenance. */
export function noteFailedInstall(rack: Rack, machine: Machine, problem: string): void {
  failedInstalls(rack).put(machine.id, { problem });
}

/** Drops what was installed on disks that are no more. */
export function forgetLostInstallations(rack: Rack): void {
  const machines = new Map(listMachines(rack).map((machine) => [machine.id, machine]));
  for (const { id, body } of installations(rack).list()) {
    if (machines.get(id)?.instance !== body.instance) installations(rack).delete(id);
  }
}
