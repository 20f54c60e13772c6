// `lab drift`: changes something behind the program's back, as a person with a mouse would. `npm run pulumi -- refresh` shows it.
import { changeSystem } from "../host/operating-system.ts";
import { cephPools } from "../rack/ceph.ts";
import { setOperatorAhead } from "../rack/clock.ts";
import { hosts, proxmoxHosts } from "../rack/hosts.ts";
import { type Link, linksOf, putLinks } from "../rack/links.ts";
import type { Rack } from "../rack/store.ts";
import { stopVm, type Vm, vms } from "../rack/vms.ts";
import type { LabCommand } from "./lab-command.ts";
import { nearest, notFound, UsageError } from "./usage-error.ts";

interface Drift {
  /** Arguments after its name. */
  readonly operands: string;
  readonly summary: string;
  /** Returns what was done. */
  apply(rack: Rack, words: readonly string[]): string;
  /** Whether a refresh sees it. @default - yes */
  readonly isHidden?: boolean;
  /** What the next `up` has to run again, by name in the program. @default - nothing: it finds out by itself */
  rerun?(words: readonly string[]): string;
}

function wholeNumber(text: string | undefined, what: string): number {
  if (text === undefined || !/^\d+$/.test(text)) throw new UsageError(`${what} is a whole number, not "${text ?? ""}"`);
  return Number(text);
}

function changeLink(rack: Rack, name: string | undefined, kind: Link["kind"], change: (link: Link) => string): string {
  const all = hosts(rack)
    .list()
    .flatMap(({ id }) =>
      Object.values(linksOf(rack, id)).flatMap((link) => (link.kind === kind ? [`${id}/${link.name}`] : [])),
    );
  if (name === undefined || !all.includes(name)) throw notFound(kind, name ?? "", all);
  const [host = "", linkName = ""] = name.split("/");
  const links = linksOf(rack, host);
  const link = links[linkName];
  if (!link) throw notFound(kind, name, all);
  const text = change(link);
  putLinks(rack, host, links);
  return text;
}

function findVm(rack: Rack, name: string | undefined): Vm {
  const all = vms(rack)
    .list()
    .map(({ body }) => body);
  const found = all.find((vm) => vm.name === name || String(vm.vmid) === name);
  if (!found)
    throw notFound(
      "VM",
      name ?? "",
      all.map((vm) => vm.name),
    );
  return found;
}

function requireProxmox(rack: Rack, name: string): void {
  const known = proxmoxHosts(rack)
    .list()
    .map(({ id }) => id);
  if (!known.includes(name)) throw notFound("host", name, known);
}

const DRIFTS: Readonly<Record<string, Drift>> = {
  "bond-mtu": {
    operands: "<host>/<bond> <bytes>",
    summary: "another MTU on a bond",
    apply: (rack, [name, mtu]) =>
      changeLink(rack, name, "bond", (link) => {
        link.mtu = wholeNumber(mtu, "an MTU");
        return `${name}: MTU ${mtu}`;
      }),
  },
  "bond-member": {
    operands: "<host>/<bond> <nic>",
    summary: "a NIC is taken out of a bond",
    apply: (rack, [name, nic = ""]) =>
      changeLink(rack, name, "bond", (link) => {
        if (!link.members?.includes(nic)) throw notFound(`member of ${name}`, nic, link.members ?? []);
        link.members = link.members.filter((member) => member !== nic);
        return `${name}: without ${nic}`;
      }),
  },
  "bridge-vlan": {
    operands: "<host>/<bridge> <vlan id>",
    summary: "a VLAN is taken off a bridge",
    // The bridge is a script's work, and a script's effect is not asked for again.
    isHidden: true,
    rerun: ([name = ""]) => `${name.split("/")[0]}-management-interfaces`,
    apply: (rack, [name, vlan]) =>
      changeLink(rack, name, "bridge", (link) => {
        const id = wholeNumber(vlan, "a VLAN id");
        if (!link.vlanIds?.includes(id))
          throw notFound(`VLAN on ${name}`, String(id), (link.vlanIds ?? []).map(String));
        link.vlanIds = link.vlanIds.filter((other) => other !== id);
        return `${name}: without VLAN ${id}`;
      }),
  },
  "vm-memory": {
    operands: "<VM> <MiB>",
    summary: "another amount of memory in a VM",
    apply(rack, [name, memory]) {
      const vm = findVm(rack, name);
      const memoryMiB = wholeNumber(memory, "memory");
      vms(rack).edit(String(vm.vmid), (body) => {
        body.memoryMiB = memoryMiB;
      });
      return `${vm.name}: ${memoryMiB} MiB, was ${vm.memoryMiB}`;
    },
  },
  "vm-cores": {
    operands: "<VM> <cores>",
    summary: "another number of cores in a VM",
    apply(rack, [name, text]) {
      const vm = findVm(rack, name);
      const cores = wholeNumber(text, "a number of cores");
      vms(rack).edit(String(vm.vmid), (body) => {
        body.cores = cores;
      });
      return `${vm.name}: ${cores} cores, was ${vm.cores}`;
    },
  },
  "vm-stop": {
    operands: "<VM>",
    summary: "a VM is shut down",
    apply(rack, [name]) {
      const vm = findVm(rack, name);
      stopVm(rack, vm.vmid);
      return `${vm.name} is stopped`;
    },
  },
  "vm-lock": {
    operands: "<VM> backup|migrate|snapshot|off",
    summary: "a VM that something else works on; off: it has ended",
    apply(rack, [name, lock = ""]) {
      const vm = findVm(rack, name);
      const known = ["backup", "migrate", "snapshot", "off"];
      if (!known.includes(lock)) throw notFound("lock", lock, known);
      vms(rack).edit(String(vm.vmid), (body) => {
        if (lock === "off") delete body.lock;
        else body.lock = lock;
      });
      return lock === "off" ? `${vm.name} is free` : `${vm.name} is locked (${lock})`;
    },
  },
  "vm-delete": {
    operands: "<VM>",
    summary: "a VM is deleted with its disks",
    rerun: ([name = ""]) => `talos-${name}-configuration`,
    apply(rack, [name]) {
      const vm = findVm(rack, name);
      vms(rack).delete(String(vm.vmid));
      return `${vm.name} (${vm.vmid}) is gone from ${vm.host}`;
    },
  },
  "host-dns": {
    operands: "<host> <address>",
    summary: "another DNS server on a host",
    apply(rack, [name = "", server = ""]) {
      requireProxmox(rack, name);
      if (server === "") throw new UsageError("a DNS server is an address");
      proxmoxHosts(rack).edit(name, (host) => {
        host.dns.servers = [server];
      });
      return `${name}: DNS server ${server}`;
    },
  },
  "host-packages": {
    operands: "<host>",
    summary: "the enterprise package repository is switched on",
    isHidden: true,
    rerun: ([name = ""]) => `${name}-package-sources`,
    apply(rack, [name = ""]) {
      requireProxmox(rack, name);
      proxmoxHosts(rack).edit(name, (host) => {
        host.repositories = host.repositories.map((entry) =>
          entry.handle === "enterprise" ? { ...entry, isEnabled: true } : entry,
        );
      });
      return `${name}: packages from enterprise.proxmox.com`;
    },
  },
  "host-service": {
    operands: "<host> chrony|prometheus-node-exporter",
    summary: "a service of a host is stopped for good",
    isHidden: true,
    rerun: ([name = "", service]) => `${name}-${service === "chrony" ? "ntp" : "metrics"}`,
    apply(rack, [name = "", service = ""]) {
      requireProxmox(rack, name);
      const known = ["chrony", "prometheus-node-exporter"];
      if (!known.includes(service)) throw notFound("service", service, known);
      changeSystem(rack, name, ({ services }) => {
        Object.assign(services[service] ?? {}, { enabled: false, active: false });
      });
      return `${name}: ${service} is stopped`;
    },
  },
  "operator-clock": {
    operands: "<minutes>",
    summary: "the clock of this machine is ahead; negative: behind, 0: right again",
    apply(rack, [minutes = ""]) {
      if (!/^-?\d+$/.test(minutes)) throw new UsageError(`minutes are a whole number, not "${minutes}"`);
      setOperatorAhead(rack, Number(minutes));
      return `this machine's clock is ${minutes} minutes ahead`;
    },
  },
  "ceph-pool-size": {
    operands: "<pool> <copies>",
    summary: "another number of copies in a Ceph pool",
    apply(rack, [name = "", copies]) {
      const pool = cephPools(rack).get(name);
      if (!pool)
        throw notFound(
          "Ceph pool",
          name,
          cephPools(rack)
            .list()
            .map(({ id }) => id),
        );
      cephPools(rack).put(name, { ...pool, size: wholeNumber(copies, "a number of copies") });
      return `${name}: ${copies} copies, was ${pool.size}`;
    },
  },
};

export const drift: LabCommand = {
  usage: ["lab drift list", ...Object.entries(DRIFTS).map(([name, { operands }]) => `lab drift ${name} ${operands}`)],
  summary: "changes something behind the program's back",
  run(bench, { words: [name, ...operands] }, print) {
    if (name === undefined || name === "list") {
      for (const [key, value] of Object.entries(DRIFTS))
        print(`lab drift ${`${key} ${value.operands}`.padEnd(40)} ${value.summary}`);
      return 0;
    }
    const known = DRIFTS[name];
    if (!known) {
      const near = nearest(name, Object.keys(DRIFTS));
      throw new UsageError(`no drift "${name}"${near === undefined ? "" : `; did you mean ${near}?`}`, [
        "lab drift list",
      ]);
    }
    const rack = bench.openRack();
    print(rack.transaction(() => known.apply(rack, operands)));
    const again = known.rerun === undefined ? "" : ` --replace '**::${known.rerun(operands)}'`;
    const stack = bench.stack === "lab" ? "" : ` --stack ${bench.stack}`;
    const seen = known.isHidden ? "seen by no refresh" : `seen by: npm run pulumi -- refresh --stack ${bench.stack}`;
    print(`${seen}; put right by: npm run up${stack === "" && again === "" ? "" : ` --${stack}${again}`}`);
    return 0;
  },
};
