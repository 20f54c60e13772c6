// Virtual machines: making, changing, starting and removing them. The work is the plug-in's; each step here is a task.
import { apiError, clusterApi, nodeApi, parameterError } from "../providers/proxmoxve/api.ts";
import { unknownGuest } from "../providers/proxmoxve/node-settings.ts";
import { vmResources } from "../providers/proxmoxve/vm.ts";
import { startVm, stopVm, type Vm, vms, vmsOn } from "../rack/vms.ts";
import { type Call, type Endpoint, toDelete } from "./endpoint.ts";
import { pluginResource } from "./plugin-resource.ts";
import { QEMU_OPTIONS, type QemuConfig, shownConfig, storedConfig, vmInputs } from "./qemu-config.ts";

const machine = pluginResource(vmResources["proxmoxve:index/vmLegacy:VmLegacy"]);

/** The machine of the path, on the host of the path. */
function requested(call: Call): Vm {
  const [node = "", vmid = ""] = [call.path["node"], call.path["vmid"]];
  nodeApi(call.context, node);
  const vm = vms(call.context.rack).get(vmid);
  if (vm === undefined || vm.host !== node)
    throw apiError(500, `Configuration file 'nodes/${node}/qemu-server/${vmid}.conf' does not exist`);
  return vm;
}

const configOf = (vm: Vm): QemuConfig => (vm.config["qemu"] as QemuConfig | undefined) ?? {};

function remember(call: Call, id: string, config: QemuConfig): void {
  vms(call.context.rack).edit(id, (vm) => {
    vm.config = { ...vm.config, qemu: storedConfig(vm, { ...config }) };
  });
}

function create(call: Call): string {
  const { context, parameters } = call;
  const [node = "", vmid = ""] = [call.path["node"], parameters["vmid"]];
  nodeApi(context, node);
  clusterApi(context, "write");
  const taken = vms(context.rack).get(vmid);
  if (taken) throw apiError(500, `unable to create VM ${vmid} - VM ${vmid} already exists on node '${taken.host}'`);
  if (parameters["archive"] !== undefined) throw parameterError({ archive: "restoring is not simulated" });
  const { vmid: _, start, ...config } = parameters;
  return call.task(node, "qmcreate", vmid, () => {
    const id = machine.create(context, vmInputs(context.rack, node, Number(vmid), config));
    remember(call, id, config);
    if (start === "1") startVm(context.rack, Number(vmid));
  });
}

function configure(call: Call): void {
  const { context, parameters } = call;
  const vm = requested(call);
  const config: Record<string, string> = { ...configOf(vm) };
  const { delete: _, digest: __, background_delay: ___, ...given } = parameters;
  for (const name of toDelete(parameters)) delete config[name];
  Object.assign(config, given);
  const inputs = { ...vmInputs(context.rack, vm.host, vm.vmid, config, vm) };
  machine.update(context, String(vm.vmid), inputs, {});
  remember(call, String(vm.vmid), config);
}

/** `+4G` or `20G`. */
function resize(call: Call): void {
  const vm = requested(call);
  const { disk: name = "", size = "" } = call.parameters;
  const disk = vm.disks.find((other) => other.interface === name);
  if (disk === undefined) throw apiError(500, `disk '${name}' does not exist`);
  const [, plus, number, unit] = /^(\+?)(\d+)([KMGT]?)$/.exec(size) ?? [];
  if (number === undefined) throw parameterError({ size: "value does not match the regex pattern" });
  const gib = Number(number) * ({ K: 2 ** -20, M: 2 ** -10, G: 1, T: 1024 }[unit ?? ""] ?? 2 ** -30);
  const inputs = vmInputs(call.context.rack, vm.host, vm.vmid, configOf(vm), vm);
  for (const wanted of inputs.disks ?? []) if (wanted.interface === name) wanted.size = plus ? disk.sizeGiB + gib : gib;
  machine.update(call.context, String(vm.vmid), { ...inputs }, {});
}

const statusOf = (vm: Vm): object => ({
  ...{
    vmid: vm.vmid,
    name: vm.name,
    status: vm.running ? "running" : "stopped",
    qmpstatus: vm.running ? "running" : "stopped",
  },
  ...{ cpus: vm.cores, maxmem: vm.memoryMiB * 2 ** 20, uptime: vm.running ? 60 : 0, cpu: 0, mem: 0, disk: 0 },
  ...(vm.running && { pid: 10_000 + vm.vmid }),
  ...(vm.tags.length > 0 && { tags: vm.tags.join(";") }),
});

function power(name: string, accepts: readonly string[], work: (call: Call, vm: Vm) => void): Endpoint {
  return {
    method: "POST",
    path: `/nodes/{node}/qemu/{vmid}/status/${name}`,
    accepts,
    answer: (call) => {
      const vm = requested(call);
      return call.task(vm.host, `qm${name}`, String(vm.vmid), () => work(call, vm));
    },
  };
}

export const qemuEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes/{node}/qemu",
    accepts: ["full"],
    answer: ({ context, path }) => {
      nodeApi(context, path["node"] ?? "");
      return vmsOn(context.rack, path["node"] ?? "").map(statusOf);
    },
  },
  {
    method: "POST",
    path: "/nodes/{node}/qemu",
    accepts: [...QEMU_OPTIONS, "archive", "bwlimit", "force", "pool", "start", "storage", "unique"],
    requires: ["vmid"],
    answer: create,
  },
  {
    method: "GET",
    path: "/nodes/{node}/qemu/{vmid}/config",
    accepts: ["current"],
    answer: (call) => shownConfig(requested(call)),
  },
  {
    method: "PUT",
    path: "/nodes/{node}/qemu/{vmid}/config",
    accepts: [...QEMU_OPTIONS, "delete", "digest", "force", "revert", "skiplock"],
    answer: configure,
  },
  {
    method: "POST",
    path: "/nodes/{node}/qemu/{vmid}/config",
    accepts: [...QEMU_OPTIONS, "background_delay", "delete", "digest", "force", "revert", "skiplock"],
    answer: (call) => {
      const vm = requested(call);
      return call.task(vm.host, "qmconfig", String(vm.vmid), () => configure(call));
    },
  },
  {
    method: "PUT",
    path: "/nodes/{node}/qemu/{vmid}/resize",
    accepts: ["digest", "skiplock"],
    requires: ["disk", "size"],
    answer: (call) => {
      const vm = requested(call);
      return call.task(vm.host, "resize", String(vm.vmid), () => resize(call));
    },
  },
  { method: "GET", path: "/nodes/{node}/qemu/{vmid}/status/current", answer: (call) => statusOf(requested(call)) },
  power("start", ["timeout", "skiplock", "machine"], ({ context }, { vmid }) => startVm(context.rack, vmid)),
  power("stop", ["timeout", "skiplock", "keepActive"], ({ context }, { vmid }) => stopVm(context.rack, vmid)),
  power("shutdown", ["timeout", "skiplock", "keepActive", "forceStop"], ({ context }, { vmid }) =>
    stopVm(context.rack, vmid),
  ),
  power("reboot", ["timeout"], ({ context }, { vmid }) => {
    stopVm(context.rack, vmid);
    startVm(context.rack, vmid);
  }),
  {
    method: "GET",
    path: "/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces",
    answer: (call) => {
      requested(call);
      throw apiError(500, "QEMU guest agent is not running");
    },
  },
  {
    method: "PUT",
    path: "/nodes/{node}/qemu/{vmid}/cloudinit",
    answer: (call) => {
      requested(call);
      return null;
    },
  },
  {
    method: "DELETE",
    path: "/nodes/{node}/qemu/{vmid}",
    accepts: ["destroy-unreferenced-disks", "purge", "skiplock"],
    answer: (call) => {
      const vm = requested(call);
      if (vm.running) throw apiError(500, `VM ${vm.vmid} is running - destroy failed`);
      return call.task(vm.host, "qmdestroy", String(vm.vmid), () => machine.delete(call.context, String(vm.vmid)));
    },
  },
];

/** Refuses a firewall of a machine that is not there. */
export function requireGuest(call: Call): Vm {
  const vm = vms(call.context.rack).get(call.path["vmid"] ?? "");
  if (vm === undefined || vm.host !== call.path["node"]) throw unknownGuest(Number(call.path["vmid"]));
  return vm;
}
