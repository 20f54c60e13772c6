// `pveceph`: Ceph as Proxmox VE sets it up.
import { randomUUID } from "node:crypto";
import { contains, parseAddress, parsePrefix } from "../../../plan/ipv4.ts";
import {
  cephCluster,
  cephHealth,
  cephManagers,
  cephMonitors,
  cephOsds,
  cephPools,
  initCeph,
  requireMonitors,
} from "../../rack/ceph.ts";
import { quorumOf } from "../../rack/corosync.ts";
import { disksOf, hosts } from "../../rack/hosts.ts";
import { addressesOf } from "../../rack/network.ts";
import { GIB, storageId, storages } from "../../rack/storage.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import { hasPackage, installPackages } from "../operating-system.ts";
import { type Options, parseOptions } from "../options.ts";
import type { HostContext } from "../simulated-host.ts";

const VERSIONS: Readonly<Record<string, string>> = { squid: "19.2.3-pve2", tentacle: "20.2.0-pve1" };
const PACKAGES = ["ceph", "ceph-base", "ceph-fuse", "ceph-mds", "ceph-mgr", "ceph-mon", "ceph-osd", "ceph-volume"];
const CONF = "/etc/pve/ceph.conf";

function fail(message: string): never {
  throw new CommandFailure(message, 255);
}

function requireInstalled({ rack, host }: HostContext): void {
  if (!hasPackage(rack, host, "ceph-mon")) fail("binary not installed: /usr/bin/ceph-mon");
}

function requireInitialised({ rack }: HostContext) {
  return cephCluster(rack).get("cluster") ?? fail("pveceph configuration not initialized");
}

function requireQuorum({ rack, host }: HostContext): void {
  if (!quorumOf(rack, host).isQuorate) fail("cluster not ready - no quorum?");
}

function connected({ rack, host }: HostContext): void {
  try {
    requireMonitors(rack, host);
  } catch {
    fail("Could not connect to ceph cluster despite configured monitors");
  }
}

function writeConf({ rack, files }: HostContext): void {
  const cluster = cephCluster(rack).get("cluster");
  if (!cluster) return;
  const monitors = cephMonitors(rack).list();
  const sections = monitors.map(({ id, body }) => `\n[mon.${id}]\n\tpublic_addr = ${body.address}\n`).join("");
  files.write(
    CONF,
    `[global]\n\tauth_client_required = cephx\n\tauth_cluster_required = cephx\n\tauth_service_required = cephx\n\tcluster_network = ${cluster.clusterNetwork}\n\tfsid = ${cluster.fsid}\n\tmon_allow_pool_delete = true\n\tmon_host = ${monitors.map(({ body }) => body.address).join(" ")}\n\tosd_pool_default_min_size = ${cluster.minSize}\n\tosd_pool_default_size = ${cluster.size}\n\tpublic_network = ${cluster.publicNetwork}\n${sections}`,
  );
}

function install({ rack, host, files }: HostContext, call: HostCall, options: Options): number {
  const version = options.get("version") ?? "squid";
  const packageVersion =
    VERSIONS[version] ??
    fail(
      `400 Parameter verification failed.\nversion: value '${version}' does not have a value in the enumeration '${Object.keys(VERSIONS).join(", ")}'`,
    );
  const repository = options.get("repository") ?? "enterprise";
  if (!/^(enterprise|no-subscription|test)$/.test(repository))
    fail(
      `400 Parameter verification failed.\nrepository: value '${repository}' does not have a value in the enumeration 'enterprise, no-subscription, test'`,
    );
  // apt asks, and takes the end of its input for a no.
  if (!/^y/i.test(call.stdin.readLine() ?? ""))
    fail("Do you want to continue? [Y/n] Abort.\napt failed during ceph installation (1)");
  files.write(
    "/etc/apt/sources.list.d/ceph.sources",
    `Types: deb\nURIs: http://download.proxmox.com/debian/ceph-${version}\nSuites: trixie\nComponents: ${repository}\n`,
  );
  installPackages(rack, host, PACKAGES, Object.fromEntries(PACKAGES.map((name) => [name, packageVersion])));
  call.stdout.write(`\ninstalled Ceph ${version} successfully!\n\nreloading API to load new Ceph RADOS library...\n`);
  return 0;
}

function init(context: HostContext, options: Options): number {
  requireInstalled(context);
  requireQuorum(context);
  const network =
    options.get("network") ?? options.get("cluster-network") ?? `${addressesOf(context.rack, context.host)[0]}/24`;
  if (!parsePrefix(network).ok)
    fail(`400 Parameter verification failed.\nnetwork: invalid format - value does not look like a valid CIDR network`);
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const cluster = {
    publicNetwork: network,
    clusterNetwork: options.get("cluster-network") ?? network,
    size: number("size", 3),
    minSize: number("min_size", 2),
  };
  context.rack.transaction(() => initCeph(context.rack, context.host, cluster));
  if (context.files.read(CONF) === undefined) writeConf(context);
  return 0;
}

function monitorAddress({ rack, host }: HostContext, network: string, wanted: string | undefined): string {
  const prefix = parsePrefix(network);
  const inNetwork = addressesOf(rack, host).filter((address) => {
    const parsed = parseAddress(address);
    return parsed.ok && prefix.ok && contains(prefix.value, parsed.value);
  });
  if (wanted !== undefined && !inNetwork.includes(wanted))
    fail(
      `No active IP found for the requested ceph monitor address '${wanted}' on node '${host}' (in ${network}: ${inNetwork.join(", ") || "none"})`,
    );
  return (
    wanted ??
    inNetwork[0] ??
    fail(`No active IP found for the requested ceph public network '${network}' on node '${host}'`)
  );
}

function createMonitor(context: HostContext, call: HostCall, options: Options): number {
  const { rack, host } = context;
  requireInstalled(context);
  const cluster = requireInitialised(context);
  requireQuorum(context);
  if (cephMonitors(rack).get(host)) fail(`monitor '${host}' already exists`);
  const address = monitorAddress(context, cluster.publicNetwork, options.get("mon-address"));
  const isFirst = cephMonitors(rack).list().length === 0;
  if (!isFirst) connected(context);
  rack.transaction(() => {
    cephMonitors(rack).put(host, { address });
    // The first monitor brings the first manager.
    if (isFirst) cephManagers(rack).put(host, {});
    writeConf(context);
  });
  call.stdout.write(
    `creating new monitor keyring\nmonmaptool: set fsid to ${cluster.fsid}\nadding monitor ${host} at ${address}\n`,
  );
  return 0;
}

function createManager(context: HostContext): number {
  requireInstalled(context);
  requireInitialised(context);
  connected(context);
  if (cephManagers(context.rack).get(context.host)) fail(`ceph manager '${context.host}' already exists`);
  cephManagers(context.rack).put(context.host, {});
  return 0;
}

function createOsd(context: HostContext, call: HostCall, options: Options): number {
  const { rack, host } = context;
  const [device = ""] = options.operands;
  requireInstalled(context);
  requireInitialised(context);
  connected(context);
  const disk = disksOf(rack, host).find((candidate) => candidate.device === device);
  if (!disk)
    fail(
      `unable to get device info for '${device}'\n400 Parameter verification failed.\ndev: no such block device on ${host}; it has ${disksOf(
        rack,
        host,
      )
        .map((candidate) => candidate.device)
        .join(", ")}`,
    );
  if (disk.use === "system" || disk.holds !== undefined)
    fail(`device '${device}' is already in use: device is in use (${disk.holds ?? disk.use})`);
  if (disk.isFailed) fail(`device '${device}': Input/output error`);
  const { id, uuid } = rack.transaction(() => {
    const taken = new Set(
      cephOsds(rack)
        .list()
        .map((osd) => Number(osd.id)),
    );
    let next = 0;
    while (taken.has(next)) next += 1;
    const osd = {
      host,
      device,
      deviceClass: options.get("crush-device-class") ?? (/nvme/.test(device) ? "nvme" : "ssd"),
      uuid: randomUUID(),
    };
    cephOsds(rack).put(String(next), osd);
    hosts(rack).edit(host, (body) => {
      for (const candidate of body.disks) if (candidate.device === device) candidate.holds = `osd.${next}`;
    });
    return { id: next, uuid: osd.uuid };
  });
  call.stdout.write(
    `create OSD on ${device} (bluestore)\n--> ceph-volume lvm create successful for: ${device}\nosd.${id} ${uuid}\n`,
  );
  return 0;
}

function createPool(context: HostContext, options: Options): number {
  const { rack } = context;
  const [name = ""] = options.operands;
  const cluster = requireInitialised(context);
  connected(context);
  if (cephPools(rack).get(name)) fail(`pool '${name}' already exists`);
  if (cephHealth(rack).osdsUp === 0) fail("no OSDs: create at least one first");
  const size = Number(options.get("size") ?? cluster.size);
  const minSize = Number(options.get("min_size") ?? cluster.minSize);
  rack.transaction(() => {
    cephPools(rack).put(name, {
      size,
      minSize,
      pgNum: Number(options.get("pg_num") ?? 128),
      application: options.get("application") ?? "rbd",
    });
    if (options.has("add_storages")) addRbdStorage(context, name, name, ["images", "rootdir"], size);
  });
  return 0;
}

/** Makes the Proxmox storage for a pool: its capacity is what the OSDs have, divided by the copies. */
export function addRbdStorage(
  { rack }: HostContext,
  name: string,
  pool: string,
  content: string[],
  size: number,
): void {
  const raw = cephOsds(rack)
    .list()
    .reduce(
      (sum, { body }) => sum + (disksOf(rack, body.host).find((disk) => disk.device === body.device)?.sizeGiB ?? 0),
      0,
    );
  storages(rack).put(storageId(name), {
    name,
    type: "rbd",
    capacityBytes: Math.floor((raw * GIB) / size),
    content,
    pool,
    volumes: {},
  });
}

export async function pveceph(context: HostContext, call: HostCall): Promise<number> {
  const [first = "", ...rest] = call.args;
  const isObject = /^(mon|mgr|osd|pool|mds|fs)$/.test(first);
  const verb = isObject ? `${first} ${rest[0] ?? ""}` : first;
  const options = parseOptions(
    isObject ? rest.slice(1) : rest,
    ["add_storages", "cleanup", "force", "allow-experimental"],
    [
      "version",
      "repository",
      "network",
      "cluster-network",
      "size",
      "min_size",
      "pg_bits",
      "pg_num",
      "pg_autoscale_mode",
      "application",
      "crush_rule",
      "mon-address",
      "monid",
      "id",
      "crush-device-class",
      "db_dev",
      "wal_dev",
      "osds-per-device",
      "encrypted",
    ],
  );
  switch (verb) {
    case "install":
      await context.sleep(60);
      return install(context, call, options);
    case "init":
      return init(context, options);
    case "mon create":
      await context.sleep(5);
      return createMonitor(context, call, options);
    case "mgr create":
      await context.sleep(3);
      return createManager(context);
    case "osd create":
      await context.sleep(15);
      return createOsd(context, call, options);
    case "pool create":
      return createPool(context, options);
    case "pool ls":
      call.stdout.write(
        cephPools(context.rack)
          .list()
          .map(({ id }) => `${id}\n`)
          .join(""),
      );
      return 0;
    case "status":
      call.stdout.write(`${cephHealth(context.rack).status}\n`);
      return 0;
    case "mon destroy":
      if (!cephMonitors(context.rack).delete(options.operands[0] ?? ""))
        fail(`no such monitor id '${options.operands[0]}'`);
      writeConf(context);
      return 0;
    case "mgr destroy":
      if (!cephManagers(context.rack).delete(options.operands[0] ?? ""))
        fail(`ceph manager '${options.operands[0]}' does not exist`);
      return 0;
    default:
      return fail(`ERROR: unknown command 'pveceph ${verb}'`);
  }
}
