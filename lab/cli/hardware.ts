// `lab cable`, `lab power`, `lab disk`: what a hand in the rack does.
import { operatingSystems } from "../host/operating-system.ts";
import { hosts } from "../rack/hosts.ts";
import type { Rack } from "../rack/store.ts";
import { cables, describeEnd, setCable, switches } from "../rack/switches.ts";
import { startProblem, startVm, stopVm, vms, vmsOn } from "../rack/vms.ts";
import type { LabCommand } from "./lab-command.ts";
import { notFound, UsageError } from "./usage-error.ts";

function usage(command: LabCommand, why: string): UsageError {
  return new UsageError(why, command.usage);
}

export const cable: LabCommand = {
  usage: ["lab cable pull <host>/<nic>", "lab cable plug <host>/<nic>", "lab cable list"],
  summary: "pulls a cable, plugs it in again",
  run(bench, { words: [verb, name] }, print) {
    const rack = bench.openRack();
    if (verb === "list") {
      for (const { id, body } of cables(rack).list()) print(`${body.plugged ? "plugged" : "PULLED "}  ${id}`);
      return 0;
    }
    if ((verb !== "pull" && verb !== "plug") || name === undefined)
      throw usage(cable, "a cable is pulled or plugged, at one of its ends");
    const ends = cables(rack)
      .list()
      .flatMap(({ body }) => body.ends.map(describeEnd))
      .filter((end) => end !== "router");
    if (!ends.includes(name) && !cables(rack).get(name)) throw notFound("cable at", name, ends);
    print(`${verb === "pull" ? "pulled" : "plugged in"}: ${setCable(rack, name, verb === "plug")}`);
    return 0;
  },
};

function powerHost(rack: Rack, name: string, isOn: boolean): string[] {
  if (hosts(rack).get(name)?.powered === isOn) return [`${name} is ${isOn ? "on" : "off"} already`];
  if (!isOn) {
    const running = vmsOn(rack, name).filter((vm) => vm.running);
    for (const vm of running) stopVm(rack, vm.vmid);
    hosts(rack).edit(name, (host) => {
      host.powered = false;
    });
    return [`${name} is off`, ...running.map((vm) => `  and with it ${vm.name} (${vm.vmid})`)];
  }
  hosts(rack).edit(name, (host) => {
    host.powered = true;
  });
  // Services that are enabled come up with the host.
  if (operatingSystems(rack).get(name)) {
    operatingSystems(rack).edit(name, ({ services }) => {
      for (const service of Object.values(services)) service.active = service.enabled;
    });
  }
  const lines = [`${name} is on`];
  for (const vm of vmsOn(rack, name).filter((candidate) => candidate.onBoot)) {
    const problem = startProblem(rack, vm);
    if (problem === undefined) startVm(rack, vm.vmid);
    lines.push(
      problem === undefined
        ? `  started ${vm.name} (${vm.vmid})`
        : `  ${vm.name} (${vm.vmid}) does not start: ${problem}`,
    );
  }
  return lines;
}

export const power: LabCommand = {
  usage: ["lab power off <host, VM or switch>", "lab power on <host, VM or switch>"],
  summary: "switches something off, and on again",
  run(bench, { words: [verb, name] }, print) {
    const rack = bench.openRack();
    const isOn = verb === "on";
    if ((!isOn && verb !== "off") || name === undefined) throw usage(power, "say on or off, and what");
    const lines = rack.transaction(() => {
      if (hosts(rack).get(name)) return powerHost(rack, name, isOn);
      const vm = vms(rack)
        .list()
        .find(({ body }) => body.name === name || String(body.vmid) === name)?.body;
      if (vm && isOn) startVm(rack, vm.vmid);
      else if (vm) stopVm(rack, vm.vmid);
      else if (switches(rack).get(name)) {
        switches(rack).edit(name, (found) => {
          found.powered = isOn;
        });
      } else {
        const machines = vms(rack)
          .list()
          .map(({ body }) => body.name);
        throw notFound(
          "host, VM or switch",
          name,
          [...hosts(rack).list(), ...switches(rack).list()].map(({ id }) => id).concat(machines),
        );
      }
      return [`${name} is ${verb}`];
    });
    for (const line of lines) print(line);
    return 0;
  },
};

export const disk: LabCommand = {
  usage: ["lab disk fail <host>/<disk>", "lab disk replace <host>/<disk>"],
  summary: "lets a disk die, or puts a new and empty one in its place",
  run(bench, { words: [verb, name] }, print) {
    const rack = bench.openRack();
    if ((verb !== "fail" && verb !== "replace") || name === undefined) throw usage(disk, "a disk fails or is replaced");
    const all = hosts(rack)
      .list()
      .flatMap(({ id, body }) => body.disks.map((found) => `${id}/${found.name}`));
    if (!all.includes(name)) throw notFound("disk", name, all);
    const [host = "", diskName = ""] = name.split("/");
    hosts(rack).edit(host, (body) => {
      for (const found of body.disks.filter((candidate) => candidate.name === diskName)) {
        if (verb === "fail") found.isFailed = true;
        else {
          delete found.isFailed;
          delete found.holds;
        }
      }
    });
    print(`${name} ${verb === "fail" ? "has failed" : "is a new, empty disk"}`);
    return 0;
  },
};
