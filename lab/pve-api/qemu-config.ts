// A virtual machine's configuration file as the API takes and shows it, and the same as the plug-in's inputs, which the rack understands.
import type { VmDiskInput, VmInput, VmNicInput } from "../providers/proxmoxve/vm-config.ts";
import { GIB, volumeOf } from "../rack/storage.ts";
import type { Rack } from "../rack/store.ts";
import type { Vm } from "../rack/vms.ts";
import { isTrue, type Parameters, propertyString, renderProperties } from "./endpoint.ts";

/** Lines of a configuration file. */
export type QemuConfig = Readonly<Record<string, string>>;

/** Parameters that make up a configuration, as in qm(1). */
export const QEMU_OPTIONS: readonly string[] = [
  ...[
    "acpi",
    "affinity",
    "agent",
    "arch",
    "args",
    "audio[n]",
    "autostart",
    "balloon",
    "bios",
    "boot",
    "cdrom",
    "cicustom",
  ],
  ...[
    "cipassword",
    "citype",
    "ciupgrade",
    "ciuser",
    "cores",
    "cpu",
    "cpulimit",
    "cpuunits",
    "description",
    "efidisk[n]",
  ],
  ...[
    "hookscript",
    "hostpci[n]",
    "hotplug",
    "hugepages",
    "ide[n]",
    "ipconfig[n]",
    "ivshmem",
    "keephugepages",
    "keyboard",
  ],
  ...[
    "kvm",
    "localtime",
    "lock",
    "machine",
    "memory",
    "migrate_downtime",
    "migrate_speed",
    "name",
    "nameserver",
    "net[n]",
  ],
  ...[
    "numa",
    "numa[n]",
    "onboot",
    "ostype",
    "parallel[n]",
    "protection",
    "reboot",
    "rng[n]",
    "sata[n]",
    "scsi[n]",
    "scsihw",
  ],
  ...[
    "searchdomain",
    "serial[n]",
    "shares",
    "smbios[n]",
    "smp",
    "sockets",
    "spice_enhancements",
    "sshkeys",
    "startdate",
  ],
  ...[
    "startup",
    "tablet",
    "tags",
    "tdf",
    "template",
    "tpmstate[n]",
    "unused[n]",
    "usb[n]",
    "vcpus",
    "vga",
    "virtio[n]",
  ],
  ...["virtiofs[n]", "vmgenid", "vmstatestorage", "watchdog"],
];

/** Options that the API shows as numbers. */
const NUMBERS =
  /^(acpi|autostart|balloon|cores|cpuunits|freeze|keephugepages|kvm|localtime|numa|onboot|protection|reboot|shares|sockets|tablet|tdf|template|vcpus)$/;

const DISK = /^(ide|sata|scsi|virtio)\d+$/;

const isCloudInit = (text: string): boolean => /:(vm-\d+-)?cloudinit\b/.test(text);

/** A drive for media; cloud-init's is one without being told. */
const isCdrom = (text: string): boolean => propertyString(text)["media"] === "cdrom" || isCloudInit(text);

/** Names of the disks of a configuration; drives for media are none. */
function diskNames(config: QemuConfig): string[] {
  return Object.keys(config).filter((name) => DISK.test(name) && !isCdrom(config[name] ?? ""));
}

const fileOf = (text: string): string => {
  const parts = propertyString(text, "file");
  return parts["file"] ?? "";
};

/** GiB of a disk: asked for, imported, or there already. */
function diskInput(rack: Rack, node: string, vm: Vm | undefined, name: string, text: string): VmDiskInput {
  const parts = propertyString(text, "file");
  const [datastoreId = "", volume = ""] = (parts["file"] ?? "").split(":");
  const importFrom = parts["import-from"];
  const known = vm?.disks.find((disk) => disk.interface === name);
  if (known !== undefined) return { interface: name, datastoreId, size: known.sizeGiB };
  if (importFrom === undefined) return { interface: name, datastoreId, size: Number(volume) };
  const image = volumeOf(rack, node, importFrom);
  return { interface: name, datastoreId, importFrom, size: Math.ceil((image?.sizeBytes ?? 0) / GIB) };
}

const MODELS = ["virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"];

function nicInput(text: string): VmNicInput {
  const parts = propertyString(text, "model");
  const model = MODELS.find((name) => parts[name] !== undefined);
  const mac = parts["macaddr"] ?? (model === undefined ? undefined : parts[model]);
  const [tag, mtu] = [parts["tag"], parts["mtu"]];
  return {
    bridge: parts["bridge"] ?? "",
    ...(tag !== undefined && { vlanId: Number(tag) }),
    ...(mac !== undefined && { macAddress: mac }),
    ...(mtu !== undefined && { mtu: Number(mtu) }),
    firewall: isTrue(parts["firewall"]),
    disconnected: isTrue(parts["link_down"]),
    enabled: true,
  };
}

function numbered(config: QemuConfig, name: string): string[] {
  const keys = Object.keys(config).filter((key) => new RegExp(`^${name}\\d+$`).test(key));
  const index = (key: string) => Number(/\d+$/.exec(key)?.[0]);
  return keys.sort((a, b) => index(a) - index(b)).map((key) => config[key] ?? "");
}

function initialization(config: QemuConfig): VmInput["initialization"] {
  const drive = Object.values(config).find(isCloudInit);
  if (drive === undefined) return undefined;
  const servers = config["nameserver"]?.split(/[\s,]+/).filter(Boolean);
  return {
    datastoreId: fileOf(drive).split(":")[0] ?? "",
    ...(servers && { dns: { servers } }),
    ipConfigs: numbered(config, "ipconfig").map((text) => {
      const { ip, gw } = propertyString(text);
      return { ipv4: { ...(ip !== undefined && { address: ip }), ...(gw !== undefined && { gateway: gw }) } };
    }),
  };
}

/** What the plug-in would have been given for this configuration. The machine is started by a call of its own. */
export function vmInputs(
  rack: Rack,
  node: string,
  vmid: number,
  config: QemuConfig,
  vm?: Vm,
): VmInput & { qemu: QemuConfig } {
  const cdrom = Object.values(config).find((text) => isCdrom(text) && !isCloudInit(text));
  const cdromFile = cdrom === undefined ? "none" : fileOf(cdrom);
  const init = initialization(config);
  return {
    nodeName: node,
    vmId: vmid,
    ...(config["name"] !== undefined && { name: config["name"] }),
    cpu: { cores: Number(config["cores"] ?? 1), sockets: Number(config["sockets"] ?? 1) },
    memory: { dedicated: Number(config["memory"] ?? 512) },
    disks: diskNames(config).map((name) => diskInput(rack, node, vm, name, config[name] ?? "")),
    ...(config["efidisk0"] !== undefined && {
      efiDisk: { datastoreId: fileOf(config["efidisk0"]).split(":")[0] ?? "" },
    }),
    ...(config["tpmstate0"] !== undefined && {
      tpmState: { datastoreId: fileOf(config["tpmstate0"]).split(":")[0] ?? "" },
    }),
    networkDevices: numbered(config, "net").map(nicInput),
    ...(init !== undefined && { initialization: init }),
    agent: { enabled: isTrue(propertyString(config["agent"] ?? "0", "enabled")["enabled"]), timeout: "15m" },
    ...(cdromFile !== "none" && { cdrom: { fileId: cdromFile } }),
    hostpcis: numbered(config, "hostpci").map((text, index) => {
      const { mapping } = propertyString(text, "host");
      return { device: `hostpci${index}`, ...(mapping !== undefined && { mapping }) };
    }),
    ...(config["tags"] !== undefined && { tags: config["tags"].split(/[;,\s]+/).filter(Boolean) }),
    started: vm?.running ?? false,
    onBoot: isTrue(config["onboot"]),
    protection: isTrue(config["protection"]),
    ...{ migrate: false, rebootAfterUpdate: false, template: isTrue(config["template"]) },
    qemu: config,
  };
}

/** The lines of a machine that was made: volumes in place of sizes. */
export function storedConfig(vm: Vm, given: Parameters): QemuConfig {
  return Object.fromEntries(
    Object.entries(given).map(([name, text]): [string, string] => {
      const { file, size: _, "import-from": __, ...rest } = propertyString(text, "file");
      const storage = file?.split(":")[0] ?? "";
      const disk = vm.disks.find((other) => other.interface === name);
      if (disk) return [name, renderProperties({ file: disk.volumeId, ...rest }, "file")];
      if (name === "efidisk0")
        return [name, renderProperties({ file: `${storage}:vm-${vm.vmid}-efidisk`, ...rest }, "file")];
      if (name === "tpmstate0")
        return [name, renderProperties({ file: `${storage}:vm-${vm.vmid}-tpmstate`, ...rest }, "file")];
      if (DISK.test(name) && isCloudInit(text))
        return [
          name,
          renderProperties({ file: `${storage}:vm-${vm.vmid}-cloudinit`, ...rest, media: "cdrom" }, "file"),
        ];
      return [name, text];
    }),
  );
}

/** The configuration as the API shows it: what was given, with what is so on the rack. */
export function shownConfig(vm: Vm): Record<string, string | number> {
  const config = (vm.config["qemu"] as QemuConfig | undefined) ?? {};
  const live: Record<string, string | undefined> = {
    name: vm.name,
    cores: String(vm.cores / Number(config["sockets"] ?? 1)),
    memory: String(vm.memoryMiB),
    tags: vm.tags.length > 0 ? vm.tags.join(";") : undefined,
    ...Object.fromEntries(
      vm.nics.map((nic, index) => [`net${index}`, shownNic(nic, config[`net${index}`] ?? "virtio")]),
    ),
    ...Object.fromEntries(
      vm.disks.map((disk) => [disk.interface, shownDisk(disk, config[disk.interface] ?? disk.volumeId)]),
    ),
    ...(config["efidisk0"] !== undefined && { efidisk0: `${config["efidisk0"]},size=4M` }),
  };
  const entries = Object.entries({ ...config, ...live }).flatMap(([name, value]): [string, string | number][] =>
    value === undefined ? [] : [[name, NUMBERS.test(name) ? Number(value) : value]],
  );
  return {
    ...Object.fromEntries(entries),
    smbios1: config["smbios1"] ?? `uuid=${vm.uuid}`,
    vmgenid: vm.uuid,
    digest: digestOf(vm),
  };
}

function shownNic({ bridge, vlanId, mac }: Vm["nics"][number], given: string): string {
  const { model, macaddr, ...parts } = propertyString(given, "model");
  const name = model ?? MODELS.find((key) => parts[key] !== undefined) ?? "virtio";
  const asGiven = macaddr ?? parts[name] ?? "";
  const tag = vlanId === undefined ? undefined : String(vlanId);
  // The file keeps the spelling that it was given.
  return renderProperties({ [name]: "", ...parts, bridge, tag, [name]: asGiven.toUpperCase() === mac ? asGiven : mac });
}

function shownDisk(disk: Vm["disks"][number], given: string): string {
  const { file: _, ...rest } = propertyString(given, "file");
  return renderProperties({ file: disk.volumeId, ...rest, size: `${disk.sizeGiB}G` }, "file");
}

const digestOf = (vm: Vm): string => String(JSON.stringify(vm).length).padStart(40, "0");
