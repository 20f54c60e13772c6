// What is installed and running on one host: packages, services, kernel modules.
import type { Rack } from "../rack/store.ts";

/** A unit of systemd. */
export interface Service {
  enabled: boolean;
  active: boolean;
  startedCount: number;
  /** Its settings when it was started last: what is written later counts from the next start. @default - those of the package */
  settings?: string;
}

/** What is installed and running on a host. */
interface OperatingSystem {
  /** Version by package. */
  packages: Record<string, string>;
  services: Record<string, Service>;
  modules: string[];
  /** How often the initial RAM disk was built. */
  initramfsBuilds: number;
}

/** Packages that the Proxmox VE installer puts on every host. */
const INSTALLED: Record<string, string> = {
  "ceph-common": "19.2.3-pve2",
  chrony: "4.6.1-3",
  corosync: "3.1.9-pve2",
  ifupdown2: "3.3.0-1+pmx10",
  "openssh-server": "1:10.0p1-7",
  "pve-manager": "9.1.4",
  "qemu-server": "9.1.3",
};

const RUNNING = ["chrony", "corosync", "networking", "pve-cluster", "pvedaemon", "pveproxy", "ssh", "systemd-udevd"];

/** Version that `apt-get install` would bring. */
const AVAILABLE: Record<string, string> = {
  ethtool: "1:6.14.2-1",
  frr: "10.3.1-1+pve4",
  "frr-pythontools": "10.3.1-1+pve4",
  "intel-microcode": "3.20251111.1",
  lldpd: "1.0.18-1",
  "prometheus-node-exporter": "1.9.0-1+b4",
  "thin-provisioning-tools": "1.1.0-4",
};

/** Services a package brings. */
const SERVICES_OF: Record<string, string[]> = {
  frr: ["frr"],
  lldpd: ["lldpd"],
  "prometheus-node-exporter": ["prometheus-node-exporter"],
};

/** What is installed and running on each host, by its name. */
export function operatingSystems(rack: Rack) {
  return rack.collection<OperatingSystem>("host-system");
}

/** The host's, made as the installer leaves it when nothing was ever changed. */
export function operatingSystem(rack: Rack, host: string): OperatingSystem {
  const services = Object.fromEntries(
    RUNNING.map((name) => [name, { enabled: true, active: name !== "corosync", startedCount: 1 }]),
  );
  return (
    operatingSystems(rack).get(host) ?? {
      packages: { ...INSTALLED },
      services,
      modules: ["bonding", "8021q"],
      initramfsBuilds: 0,
    }
  );
}

/** Changes it in place. */
export function changeSystem(rack: Rack, host: string, change: (system: OperatingSystem) => void): void {
  const system = operatingSystem(rack, host);
  change(system);
  operatingSystems(rack).put(host, system);
}

/** Whether a package is installed. */
export function hasPackage(rack: Rack, host: string, name: string): boolean {
  return name in operatingSystem(rack, host).packages;
}

/** Installs packages; returns those that were not there. Throws on one that no repository has. */
export function installPackages(
  rack: Rack,
  host: string,
  names: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): string[] {
  const fresh = names.filter((name) => !hasPackage(rack, host, name));
  const offered: Record<string, string> = { ...INSTALLED, ...AVAILABLE, ...extra };
  const missing = fresh.find((name) => !(name in offered));
  if (missing !== undefined) throw new Error(`E: Unable to locate package ${missing}`);
  if (fresh.length > 0) {
    changeSystem(rack, host, (system) => {
      for (const name of fresh) {
        system.packages[name] = offered[name] ?? "";
        for (const service of SERVICES_OF[name] ?? [])
          system.services[service] ??= { enabled: true, active: true, startedCount: 1 };
      }
    });
  }
  return fresh;
}
