// What the Proxmox VE installer leaves on a host: the management address on its bridge, two storages on the system disk, a running API.
// No cluster, no Ceph, enterprise repositories only.
import type { HostPlan, Plan } from "../../plan/plan.ts";
import { type Host, hosts, proxmoxHosts } from "./hosts.ts";
import { type Link, type Links, putLinks } from "./links.ts";
import { GIB, storageId, storages } from "./storage.ts";
import type { Rack } from "./store.ts";

const VERSION = "9.1.3";
/** The installer gives at most this to the root file system, with the storage `local` on it; the rest becomes `local-lvm`. */
const ROOT_GIB = 96;
const SWAP_GIB = 8;
/** Where the description names no system disk, e.g. a host that starts from a module on the mainboard. */
const ASSUMED_SYSTEM_GIB = 256;

/** Bare NICs, as the kernel finds them. */
function bareLinks(host: Host): Links {
  return Object.fromEntries(
    host.nics.map(({ name }): [string, Link] => [name, { name, kind: "nic", addresses: [], autostart: false }]),
  );
}

/** The interfaces of a fresh host: only the way to the management address, up from the NIC it is plugged into. */
function installedLinks(host: Host, plan: HostPlan): Links {
  const links = bareLinks(host);
  const parent = plan.managementInterface.replace(/\.\d+$/, "");
  const bridge = plan.bridges.find(({ name }) => name === parent);
  for (const bond of plan.bonds.filter(({ name }) => name === parent || bridge?.ports.includes(name))) {
    links[bond.name] = {
      name: bond.name,
      kind: "bond",
      members: [...bond.members],
      bondMode: bond.mode,
      ...(bond.mode === "802.3ad" && { xmitHashPolicy: bond.xmitHashPolicy, lacpRate: bond.lacpRate }),
      mtu: bond.mtu,
      addresses: [],
      autostart: true,
    };
  }
  if (bridge)
    links[bridge.name] = {
      name: bridge.name,
      kind: "bridge",
      members: [...bridge.ports],
      addresses: [],
      autostart: true,
    };
  const way = [...plan.bridges, ...plan.bonds]
    .flatMap(({ vlanInterfaces }) => vlanInterfaces)
    .find(({ name }) => name === plan.managementInterface);
  if (plan.managementInterface !== "") {
    links[plan.managementInterface] = {
      name: plan.managementInterface,
      kind: "vlan",
      parent,
      vlanId: Number(/\.(\d+)$/.exec(plan.managementInterface)?.[1]),
      addresses: [way?.address ?? addressFromFile(plan)],
      ...gatewayOf(plan, way?.gateway),
      autostart: true,
    };
  }
  return links;
}

/** With the management address right on a NIC, the plan shows it in the interfaces file only. */
function addressFromFile(plan: HostPlan): string {
  const found = new RegExp(`address (${plan.managementAddress.replaceAll(".", "\\.")}/\\d+)`).exec(plan.interfacesFile);
  return found?.[1] ?? `${plan.managementAddress}/24`;
}

function gatewayOf(plan: HostPlan, known: string | undefined): { gateway?: string } {
  const gateway = known ?? /gateway (\S+)/.exec(plan.interfacesFile)?.[1];
  return gateway === undefined ? {} : { gateway };
}

function installStorages(rack: Rack, plan: Plan, host: Host): void {
  const system = host.disks.find((disk) => disk.use === "system");
  const sizeGiB = system?.sizeGiB ?? ASSUMED_SYSTEM_GIB;
  const rootGiB = Math.min(ROOT_GIB, sizeGiB / 4);
  const put = (name: string, type: "dir" | "lvmthin", capacityGiB: number, content: string[]) =>
    storages(rack).put(storageId(name, host.name), {
      name,
      type,
      host: host.name,
      capacityBytes: Math.floor(capacityGiB * GIB),
      content,
      volumes: {},
    });
  put("local", "dir", rootGiB, ["iso", "vztmpl", "backup", "import", "snippets"]);
  put("local-lvm", "lvmthin", Math.max(0, sizeGiB - rootGiB - SWAP_GIB), ["images", "rootdir"]);
  // What the description names beside those two, and no step makes, was there before: on the data disks, or wherever else.
  const dataGiB = host.disks.filter((disk) => disk.use === "data").reduce((sum, disk) => sum + disk.sizeGiB, 0);
  const named = new Set(plan.nodes.flatMap(({ vm }) => (vm?.host === host.name ? [vm.datastore] : [])));
  for (const name of named) {
    if (!storages(rack).get(storageId(name, host.name)) && name !== plan.ceph?.pool.name)
      put(name, "lvmthin", dataGiB === 0 ? ASSUMED_SYSTEM_GIB : dataGiB, ["images", "rootdir"]);
  }
}

/** Installs Proxmox VE on a host that has nothing on it yet. */
export function installProxmox(rack: Rack, plan: Plan, host: Host): void {
  const hostPlan = plan.hosts.find(({ name }) => name === host.name);
  if (!hostPlan) throw new Error(`the plan has hardware for ${host.name}, but no host of that name`);
  const links = installedLinks(host, hostPlan);
  putLinks(rack, host.name, links);
  installStorages(rack, plan, host);
  const gateway = Object.values(links).find((link) => link.gateway !== undefined)?.gateway;
  proxmoxHosts(rack).put(host.name, {
    version: VERSION,
    dns: { domain: plan.zone, servers: gateway === undefined ? [] : [gateway] },
    timeZone: "Etc/UTC",
    hostsFile: [
      { address: "127.0.0.1", hostnames: ["localhost.localdomain", "localhost"] },
      { address: hostPlan.managementAddress, hostnames: [hostPlan.fqdn, host.name] },
    ],
    repositories: ["enterprise", "ceph-squid-enterprise"].map((handle) => ({ handle, isEnabled: true })),
  });
  hosts(rack).edit(host.name, (body) => {
    for (const disk of body.disks) if (disk.use === "system") disk.holds = "system";
  });
}
