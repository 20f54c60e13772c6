// What stands in the rack: the furniture of the simulated one, and the parts list of the real one.
import type { Draft } from "./draft.ts";
import { deriveMac } from "./mac.ts";
import { sortedEntries } from "./order.ts";
import { planOutOfBand } from "./out-of-band.ts";
import type { HardwarePlan } from "./plan.ts";

/** The hardware as the Plan shows it. */
export function planHardware(draft: Draft): HardwarePlan {
  const { env } = draft;
  const end = (text: string): { host: string; port: string } => {
    const [host = "", port = ""] = text.split("/");
    return { host, port };
  };
  return {
    hosts: sortedEntries(env.hosts).map(([name, host]) => ({
      name,
      model: host.model,
      cpuCores: host.cpuCores,
      memoryMiB: Math.round(host.memoryGiB * 1024),
      nics: sortedEntries(host.nics).map(([nic, settings]) => ({
        name: nic,
        speedMbps: settings.speedMbps,
        mac: (settings.mac ?? deriveMac(env.name, name, nic)).toLowerCase(),
      })),
      disks: sortedEntries(host.disks).map(([disk, settings]) => ({ name: disk, ...settings })),
      usb4Ports: sortedEntries(host.usb4Ports).map(([port, { busPath, pciPath }]) => ({
        name: port,
        busPath,
        ...(pciPath === undefined ? {} : { pciPath }),
      })),
      ...planOutOfBand(host),
    })),
    usb4Cables: (env.usb4Ring?.cables ?? []).map(([a, b]) => [end(a), end(b)] as const),
  };
}
