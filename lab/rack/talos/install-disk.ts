// The disk that Talos installs itself on: by its path, or the first that fits `machine.install.diskSelector`, as Talos's own expression
// has it (DiskMatchExpression in v1alpha1_provider.go). Only on the metal: an imported disk image is installed already.
import type { DiskProperties } from "../../../plan/plan.ts";
import { hosts } from "../hosts.ts";
import type { Rack } from "../store.ts";
import type { MachineConfig } from "./machine-config.ts";
import type { Machine } from "./machines.ts";

/** A disk as Talos sees it. */
export interface MachineDisk extends DiskProperties {
  readonly device: string;
  readonly sizeGiB: number;
}

interface Term {
  readonly text: string;
  fits(disk: MachineDisk): boolean;
}

const multipliers: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Key of the selector, field of the disk, and the property it is compared with. */
const patterns = [
  ["uuid", "uuid", "uuid"],
  ["wwid", "wwid", "wwid"],
  ["model", "model", "model"],
  ["serial", "serial", "serial"],
  ["modalias", "modalias", "modalias"],
  ["busPath", "bus_path", "busPath"],
] as const;

const types: Readonly<Record<string, Term>> = {
  nvme: { text: 'disk.transport == "nvme"', fits: ({ type }) => type === "nvme" },
  sd: { text: 'disk.transport == "mmc"', fits: ({ type }) => type === "sd" },
  hdd: { text: "disk.rotational", fits: ({ type }) => type === "hdd" },
  ssd: { text: "!disk.rotational", fits: ({ type }) => type !== "hdd" },
};

function sizeTerm(condition: string): Term {
  const [, operator = "==", amount = "", unit = ""] =
    /^\s*(>=|<=|>|<|==)?\s*([\d.]+)\s*([A-Za-z]*)$/.exec(condition) ?? [];
  const bytes = Math.floor(Number(amount) * (multipliers[unit.toLowerCase()] ?? Number.NaN));
  if (Number.isNaN(bytes)) throw new Error(`failed to parse disk size ${condition}`);
  const compare: Readonly<Record<string, (size: number) => boolean>> = {
    "==": (size) => size === bytes,
    "<=": (size) => size <= bytes,
    ">=": (size) => size >= bytes,
    "<": (size) => size < bytes,
    ">": (size) => size > bytes,
  };
  return {
    text: `disk.size ${operator} ${bytes}u`,
    fits: ({ sizeGiB }) => compare[operator]?.(sizeGiB * 2 ** 30) === true,
  };
}

/** The terms that all have to hold. @throws what Talos says to a selector that it does not understand */
function termsOf(selector: Readonly<Record<string, string>>): Term[] {
  if (selector["name"] !== undefined)
    throw new Error("install disk selector is invalid: selector on name is not supported");
  const { size, type } = selector;
  const kind = type === undefined ? undefined : types[type];
  if (type !== undefined && kind === undefined)
    throw new Error(`install disk selector is invalid: unsupported disk type "${type}"`);
  return [
    ...(size === undefined ? [] : [sizeTerm(size)]),
    ...patterns.flatMap(([key, field, property]): Term[] => {
      const pattern = selector[key];
      if (pattern === undefined) return [];
      return [{ text: `glob("${pattern}", disk.${field})`, fits: (disk) => isLike(disk[property] ?? "", pattern) }];
    }),
    { text: 'disk.transport != ""', fits: () => true },
    ...(kind === undefined ? [] : [kind]),
    { text: "!disk.readonly", fits: () => true },
    { text: "!disk.cdrom", fits: () => true },
  ];
}

function isLike(value: string, pattern: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return value === pattern;
  if (!value.startsWith(head)) return false;
  let at = head.length;
  const tail = rest.pop() ?? "";
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return value.length - at >= tail.length && value.endsWith(tail);
}

/** The disk that a configuration means; undefined: there is none at that path. @throws when its selector fits none, or is none */
export function installDevice(machine: Machine, config: MachineConfig): string | undefined {
  const { installSelector, installDisk } = config;
  if (installSelector === undefined) return machine.disks.find(({ device }) => device === installDisk)?.device;
  const terms = termsOf(installSelector);
  const found = machine.disks.find((disk) => terms.every((term) => term.fits(disk)));
  if (found) return found.device;
  throw new Error(`no disks matched the expression: ${terms.map(({ text }) => text).join(" && ")}`);
}

/** Notes on a machine's disks where Talos is now; undefined: nowhere. */
export function markInstalled(rack: Rack, machine: Machine, installed: string | undefined): void {
  if (!isMetal(machine)) return;
  hosts(rack).edit(machine.host, ({ disks }) => {
    for (const disk of disks) {
      if (disk.device === installed) disk.holds = "system";
      else if (disk.holds === "system") delete disk.holds;
    }
  });
}

/** Whether a machine is a host itself. */
export const isMetal = ({ id }: Machine): boolean => id.startsWith("host/");
