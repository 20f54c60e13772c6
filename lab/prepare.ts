// Furnishes the simulated rack of a stack: hardware as its description says, and a fresh Proxmox VE on hosts that are new. What runs on
// the hardware already is left alone, so that preparing again is always safe.
import { loadStack } from "../config/load.ts";
import { simulatedSecret } from "../config/simulation.ts";
import type { Plan } from "../plan/plan.ts";
import { amts } from "./rack/amt.ts";
import { bootNewMachines } from "./rack/first-boot.ts";
import { type Host, hosts, proxmoxHosts } from "./rack/hosts.ts";
import { installProxmox } from "./rack/installer.ts";
import { removeHost, whatHostCarries } from "./rack/removal.ts";
import { createRack, type Rack } from "./rack/store.ts";
import { wire } from "./rack/wire.ts";

/** What preparing did. */
export interface Prepared {
  readonly rack: Rack;
  /** Hosts that were put in, in the order of the plan. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Hardware that the description no longer has, and what still keeps it in the rack. */
  readonly kept: readonly { readonly host: string; readonly carries: readonly string[] }[];
}

type HostHardware = Plan["hardware"]["hosts"][number];

function putHost(rack: Rack, plan: Plan, hardware: HostHardware): boolean {
  const known = hosts(rack).get(hardware.name);
  const disks = hardware.disks.map((disk) => {
    const before = known?.disks.find((other) => other.device === disk.device);
    return {
      ...disk,
      ...(before?.holds !== undefined && { holds: before.holds }),
      ...(before?.isFailed && { isFailed: true }),
    };
  });
  const host: Host = {
    name: hardware.name,
    model: hardware.model,
    cpuCores: hardware.cpuCores,
    memoryMiB: hardware.memoryMiB,
    nics: hardware.nics.map((nic) => ({ ...nic })),
    disks,
    usb4Ports: hardware.usb4Ports.map((port) => ({ ...port })),
    ...(hardware.outOfBand && { outOfBand: hardware.outOfBand }),
    platform: plan.platform,
    // Proxmox VE was installed by hand; a machine without a system is off until somebody boots it.
    powered: known?.powered ?? plan.platform === "proxmox",
  };
  hosts(rack).put(host.name, host);
  const { outOfBand } = hardware;
  // What whoever set AMT up in the firmware's menu (MEBx) chose.
  if (outOfBand?.kind === "vpro" && amts(rack).get(host.name) === undefined)
    amts(rack).put(host.name, { password: simulatedSecret, tls: outOfBand.tls, isProvisioned: true });
  if (plan.platform === "proxmox" && !proxmoxHosts(rack).get(host.name)) installProxmox(rack, plan, host);
  return known === undefined;
}

/** Puts the hardware of a plan into a rack. */
export function furnish(rack: Rack, plan: Plan): Omit<Prepared, "rack"> {
  return rack.transaction(() => {
    const added = plan.hardware.hosts.filter((hardware) => putHost(rack, plan, hardware)).map(({ name }) => name);
    const gone = hosts(rack)
      .list()
      .map(({ id }) => id)
      .filter((name) => !plan.hardware.hosts.some((host) => host.name === name));
    const kept = gone
      .map((host) => ({ host, carries: whatHostCarries(rack, host) }))
      .filter(({ carries }) => carries.length > 0);
    const removed = gone.filter((name) => !kept.some(({ host }) => host === name));
    for (const name of removed) removeHost(rack, name);
    wire(
      rack,
      plan,
      kept.map(({ host }) => host),
    );
    return { added, removed, kept };
  });
}

/**
 * Prepares the rack that a simulated stack is built on. `directory` is where the stack files lie.
 * @throws PlanError when the description is refused; Error when the stack is not a simulated one
 */
export function prepareRack(stackName: string, directory = process.cwd()): Prepared {
  const { plan, simulation } = loadStack(directory, stackName);
  if (!simulation)
    throw new Error(
      `stack "${stackName}" is built on real hardware; a simulated one has homelab:simulation in its file, e.g. "lab"`,
    );
  const rack = createRack(simulation.rack);
  rack.settings = { ...rack.settings, latencyScale: simulation.latencyScale, operator: simulation.operator };
  const furnished = furnish(rack, plan);
  bootNewMachines(rack, plan);
  return { rack, ...furnished };
}
