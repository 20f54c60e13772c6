// Whether the hosts can carry what is put on them: cores, memory, disk; and whether the networks can reach their targets.

import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";
import { nicsUnder } from "./host-links.ts";
import { sortedEntries } from "./order.ts";
import type { Plan } from "./plan.ts";
import type { TargetsPlan } from "./site-plan.ts";

/** What Proxmox itself and a Ceph OSD need beside the machines (Proxmox VE and Ceph hardware recommendations). */
const hostMemoryGiB = 4;
const osdMemoryGiB = 4;

/** Checks cores, memory and disk of every host. */
export function checkCapacity(draft: Draft): void {
  const { env } = draft;
  const byHost = new Map<string, [string, NonNullable<(typeof env.nodes)[string]["vm"]>][]>();
  for (const [name, node] of sortedEntries(env.nodes)) {
    if (node.vm === undefined) continue;
    const vms = byHost.get(node.host);
    if (vms === undefined) byHost.set(node.host, [[name, node.vm]]);
    else vms.push([name, node.vm]);
  }
  for (const [hostName, vms] of byHost) {
    const host = env.hosts[hostName];
    if (host === undefined) continue;
    const names = vms.map(([name]) => name).join(", ");
    const memory = vms.reduce((sum, [, vm]) => sum + vm.memoryGiB, 0);
    const osds = Object.values(host.disks).filter((disk) => disk.use === "osd").length;
    const forVms = host.memoryGiB - hostMemoryGiB - osds * osdMemoryGiB;
    const path = `hosts.${hostName}`;
    if (memory > forVms) {
      draft.error(
        "memory-exceeded",
        `${path}.memoryGiB`,
        `${names} need ${memory} GiB but ${hostName} has ${forVms} GiB for machines (${host.memoryGiB} less ${hostMemoryGiB} for Proxmox and ${osdMemoryGiB} for each OSD, of which there are ${osds}); move a machine or make it smaller`,
      );
    }
    for (const [name, vm] of vms) {
      if (vm.cores > host.cpuCores)
        draft.error(
          "cores-exceeded",
          `nodes.${name}.vm.cores`,
          `${name} wants ${vm.cores} cores but ${hostName} has ${host.cpuCores}; give it no more than that`,
        );
    }
    const cores = vms.reduce((sum, [, vm]) => sum + vm.cores, 0);
    if (cores > host.cpuCores && vms.every(([, vm]) => vm.cores <= host.cpuCores))
      draft.warn(
        "cores-shared",
        path,
        `${names} have ${cores} cores together and ${hostName} has ${host.cpuCores}; they will wait for each other under load`,
      );
    const disk = vms.reduce((sum, [, vm]) => sum + vm.diskGiB, 0);
    const system = Object.values(host.disks).reduce((sum, d) => sum + (d.use === "system" ? d.sizeGiB : 0), 0);
    if (disk > system)
      draft.error(
        "disk-exceeded",
        `${path}.disks`,
        `${names} need ${disk} GiB of disk but the system disks of ${hostName} have ${system} GiB; make the disks smaller or move a machine`,
      );
  }
}

/** Compares throughput targets with what the slowest host's links give. */
export function checkTargets(draft: Draft): void {
  const { env } = draft;
  for (const [name, target] of sortedEntries(env.targets.throughput)) {
    const path = `targets.throughput.${name}`;
    if (!draft.known("vlan", target.vlan, env.vlans, `${path}.vlan`)) continue;
    for (const [hostName, host] of sortedEntries(env.hosts)) {
      const link =
        host.addresses[target.vlan]?.link ??
        draft.metalNode(hostName)?.links[target.vlan] ??
        sortedEntries(host.bridges).find(([, bridge]) => bridge.vlans.includes(target.vlan))?.[0];
      if (link === undefined) continue;
      if (nicsUnder(host, link).length === 0) continue;
      const mbps = linkSpeed(host, link);
      if (mbps < target.mbps)
        draft.warn(
          "throughput-target-missed",
          `${path}.mbps`,
          `${hostName} has ${mbps} Mbit/s on VLAN ${target.vlan}, less than the target of ${target.mbps} Mbit/s; add links or lower the target`,
        );
    }
  }
  for (const [name, target] of sortedEntries(env.targets.latency))
    draft.known("vlan", target.vlan, env.vlans, `targets.latency.${name}.vlan`);
}

/** The targets as the Plan shows them. */
export function planTargets(draft: Draft): TargetsPlan {
  const { throughput, latency } = draft.env.targets;
  return {
    throughput: sortedEntries(throughput).map(([name, target]) => ({ name, ...target })),
    latency: sortedEntries(latency).map(([name, target]) => ({ name, ...target })),
  };
}

/** Mbit/s of a link: what LACP adds up; with active-backup one member works and the others wait. */
export function linkSpeed(host: Environment["hosts"][string], link: string): number {
  const bridge = host.bridges[link];
  if (bridge !== undefined)
    return bridge.ports.reduce((sum, port) => sum + (port === link ? 0 : linkSpeed(host, port)), 0);
  const speeds = nicsUnder(host, link).map((nic) => host.nics[nic]?.speedMbps ?? 0);
  if (host.bonds[link]?.mode === "active-backup") return Math.min(...speeds);
  return speeds.reduce((sum, speed) => sum + speed, 0);
}

/** Power: the sum over the hosts against the budget, and how long the UPS carries it. */
export function planPower(draft: Draft): Plan["power"] {
  const { env } = draft;
  if (env.power === undefined) return undefined;
  const hosts = sortedEntries(env.hosts);
  for (const [name, host] of hosts) {
    if (host.watts === undefined)
      draft.warn(
        "host-without-watts",
        `hosts.${name}`,
        `${name} has no watts: { idle, max }, so the power total is too low; add them`,
      );
  }
  const idleWatts = hosts.reduce((sum, [, host]) => sum + (host.watts?.idle ?? 0), 0);
  const maxWatts = hosts.reduce((sum, [, host]) => sum + (host.watts?.max ?? 0), 0);
  const { budgetWatts, ups } = env.power;
  if (idleWatts > budgetWatts)
    draft.error(
      "power-budget",
      "power.budgetWatts",
      `the hosts draw ${idleWatts} W doing nothing, more than the budget of ${budgetWatts} W; raise it or run fewer hosts`,
    );
  else if (maxWatts > budgetWatts)
    draft.warn(
      "power-budget-peak",
      "power.budgetWatts",
      `the hosts draw up to ${maxWatts} W, more than the budget of ${budgetWatts} W (idle: ${idleWatts} W); full load on all of them would trip it`,
    );
  if (ups === undefined) return { idleWatts, maxWatts, budgetWatts };
  const upsMinutes = maxWatts === 0 ? 0 : Math.floor((ups.capacityWh / maxWatts) * 60);
  if (upsMinutes < ups.shutdownMinutes)
    draft.error(
      "ups-too-small",
      "power.ups",
      `the UPS carries ${maxWatts} W for ${upsMinutes} minutes, but an orderly shutdown takes ${ups.shutdownMinutes}; take a larger one`,
    );
  return { idleWatts, maxWatts, budgetWatts, upsMinutes };
}
