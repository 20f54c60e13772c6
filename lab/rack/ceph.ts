// Ceph on the hosts of the rack: monitors, managers, OSDs, pools and keys, and what of them is alive right now. Nothing here is stored that
// follows from cables and power: quorum and health are worked out when asked for.
import { createHash, randomUUID } from "node:crypto";
import { heardOf, hears } from "./ceph-heartbeats.ts";
import { quorumOf } from "./corosync.ts";
import { disksOf, hostIsUp } from "./hosts.ts";
import { addressesOf, reaches } from "./network.ts";
import type { Rack } from "./store.ts";

/** What `pveceph init` decides; there is one cluster in a rack. */
interface CephCluster {
  readonly fsid: string;
  /** `10.8.48.0/24` */
  readonly publicNetwork: string;
  readonly size: number;
  readonly minSize: number;
}

/** A monitor; its document is named after its host. */
interface CephMonitor {
  readonly address: string;
}

/** An OSD; its document is named after its number. */
export interface CephOsd {
  readonly host: string;
  readonly device: string;
  readonly deviceClass: string;
  readonly uuid: string;
  /** What it bound to for replication when it was last started; empty: it found no address and ended. @default - the public network */
  readonly clusterAddress?: string;
}

/** A pool; its document is named after it. */
export interface CephPool {
  readonly size: number;
  readonly minSize: number;
  readonly pgNum: number;
  readonly application: string;
}

/** A client's key and what it may do, by service. */
interface CephKey {
  readonly key: string;
  readonly caps: Readonly<Record<string, string>>;
}

/** What the rest of the rack asks. */
export interface CephHealth {
  readonly fsid: string | undefined;
  /** More than half of the monitors hear each other. */
  readonly quorum: boolean;
  readonly monitors: readonly { readonly host: string; readonly address: string; readonly up: boolean }[];
  readonly managers: readonly { readonly host: string; readonly up: boolean }[];
  readonly osdsUp: number;
  readonly osds: number;
  readonly pools: readonly string[];
  readonly status: "HEALTH_OK" | "HEALTH_WARN" | "HEALTH_ERR" | "none";
  /** Why it is not HEALTH_OK. */
  readonly checks: readonly string[];
}

/** The cluster, once it is initialised; one document. */
export const cephCluster = (rack: Rack) => rack.collection<CephCluster>("cephCluster");
/** Monitors, by their host's name. */
export const cephMonitors = (rack: Rack) => rack.collection<CephMonitor>("cephMonitor");
/** Managers, by their host's name. */
export const cephManagers = (rack: Rack) => rack.collection<object>("cephManager");
/** OSDs, by their number. */
export const cephOsds = (rack: Rack) => rack.collection<CephOsd>("cephOsd");
/** Pools, by name. */
export const cephPools = (rack: Rack) => rack.collection<CephPool>("cephPool");
/** Users and their keys, by `client.<name>`. */
export const cephKeys = (rack: Rack) => rack.collection<CephKey>("cephKey");

/** Whether the monitor process of `host` runs and holds its address. */
function monitorRuns(rack: Rack, host: string, address: string): boolean {
  return hostIsUp(rack, host) && addressesOf(rack, host).includes(address);
}

/** Monitors that `observer` hears, or that the largest group of them hears. */
function monitorQuorum(rack: Rack): { up: Set<string>; quorum: boolean } {
  const monitors = cephMonitors(rack).list();
  const hears = (a: string, b: (typeof monitors)[number]) => a === b.id || reaches(rack, a, b.body.address);
  const running = monitors.filter(({ id, body }) => monitorRuns(rack, id, body.address));
  const groups = running.map((monitor) =>
    running.filter((other) => hears(monitor.id, other) && hears(other.id, monitor)).map(({ id }) => id),
  );
  const largest = groups.reduce<string[]>((best, group) => (group.length > best.length ? group : best), []);
  return { up: new Set(largest), quorum: monitors.length > 0 && largest.length * 2 > monitors.length };
}

/** Whether an OSD's disk works and its host hears a monitor of the quorum. */
function osdRuns(rack: Rack, osd: CephOsd): boolean {
  const { up, quorum } = monitorQuorum(rack);
  const disk = disksOf(rack, osd.host).find(({ device }) => device === osd.device);
  if (!quorum || !hostIsUp(rack, osd.host) || !disk || disk.isFailed || osd.clusterAddress === "") return false;
  return cephMonitors(rack)
    .list()
    .some(({ id, body }) => up.has(id) && (id === osd.host || reaches(rack, osd.host, body.address)));
}

/** OSDs that Ceph takes for up. */
function liveOsds(rack: Rack): readonly (CephOsd & { readonly id: string })[] {
  return rack.kept("ceph live osds", () =>
    heardOf(
      rack,
      cephOsds(rack)
        .list()
        .filter(({ body }) => osdRuns(rack, body))
        .map(({ id, body }) => ({ ...body, id })),
    ),
  );
}

/** Whether Ceph takes an OSD for up. */
export function osdIsUp(rack: Rack, id: string): boolean {
  return liveOsds(rack).some((osd) => osd.id === id);
}

/** How Ceph is right now. */
export function cephHealth(rack: Rack): CephHealth {
  const cluster = cephCluster(rack).get("cluster");
  const { up, quorum } = monitorQuorum(rack);
  const monitors = cephMonitors(rack)
    .list()
    .map(({ id, body }) => ({ host: id, address: body.address, up: up.has(id) }));
  const managers = cephManagers(rack)
    .list()
    .map(({ id }) => ({ host: id, up: hostIsUp(rack, id) }));
  const osds = cephOsds(rack).list();
  const live = liveOsds(rack);
  const hostsUp = new Set(live.map(({ host }) => host));
  const osdsUp = live.length;
  const pools = cephPools(rack).list();
  const checks: string[] = [];
  if (monitors.length > 0 && !quorum)
    checks.push(`no monitor quorum: ${up.size} of ${monitors.length} monitors hear each other`);
  const down = monitors.filter((monitor) => !monitor.up);
  if (quorum && down.length > 0)
    checks.push(`${down.length}/${monitors.length} mons down: ${down.map(({ host }) => host).join(", ")}`);
  if (quorum && !managers.some((manager) => manager.up)) checks.push("no active mgr");
  if (quorum && osdsUp < osds.length) checks.push(`${osds.length - osdsUp} osds down`);
  if (cluster && quorum && osds.length < cluster.size)
    checks.push(`OSD count ${osds.length} < osd_pool_default_size ${cluster.size}`);
  const short = pools.filter(({ body }) => body.minSize > hostsUp.size);
  if (short.length > 0) checks.push(`pools without min_size hosts: ${short.map(({ id }) => id).join(", ")}`);
  const isThin = pools.some(({ body }) => body.size > hostsUp.size);
  if (isThin && short.length === 0)
    checks.push(
      `pools with fewer hosts than size: ${pools
        .filter(({ body }) => body.size > hostsUp.size)
        .map(({ id }) => id)
        .join(", ")}`,
    );
  // Too few to report each other: nobody is marked down, and what they hold together stands still.
  const isTorn = live.some((a) => live.some((b) => !hears(rack, a, b)));
  if (isTorn) checks.push("pgs peering: OSDs that are up do not hear each other on the cluster network");
  const isBroken = (monitors.length > 0 && !quorum) || short.length > 0 || isTorn;
  return {
    fsid: cluster?.fsid,
    quorum,
    monitors,
    managers,
    osdsUp,
    osds: osds.length,
    pools: pools.map(({ id }) => id),
    status: !cluster ? "none" : isBroken ? "HEALTH_ERR" : checks.length > 0 ? "HEALTH_WARN" : "HEALTH_OK",
    checks,
  };
}

/** The host can talk to the monitors in quorum; throws what every client says after its timeout. */
export function requireMonitors(rack: Rack, host: string): CephHealth {
  const health = cephHealth(rack);
  const isHeard = health.monitors.some(
    (monitor) => monitor.up && (monitor.host === host || reaches(rack, host, monitor.address)),
  );
  if (!health.fsid || health.monitors.length === 0)
    throw new Error(
      "Error initializing cluster client: ObjectNotFound('RADOS object not found (error calling conf_read_file)')",
    );
  if (!health.quorum || !isHeard) throw new Error("[errno 110] RADOS timed out (error connecting to the cluster)");
  return health;
}

/** `pveceph init`: the networks, once. */
export function initCeph(rack: Rack, host: string, cluster: Omit<CephCluster, "fsid">): CephCluster {
  if (!quorumOf(rack, host).isQuorate) throw new Error("cluster not ready - no quorum?");
  const known = cephCluster(rack).get("cluster");
  if (known) return known;
  const created = { ...cluster, fsid: randomUUID() };
  cephCluster(rack).put("cluster", created);
  return created;
}

/** A key as Ceph writes them: type 1, time of birth, length 16, and the secret, in base64. */
function makeKey(rack: Rack, entity: string): string {
  const secret = createHash("sha256")
    .update(`${cephCluster(rack).get("cluster")?.fsid}/${entity}`)
    .digest()
    .subarray(0, 16);
  return Buffer.concat([Buffer.from("010000000000000000001000", "hex"), secret]).toString("base64");
}

/** The key of a client; made with these rights if there is none. */
export function getOrCreateKey(rack: Rack, entity: string, caps: Readonly<Record<string, string>>): CephKey {
  const known = cephKeys(rack).get(entity);
  if (known) {
    const differs = Object.keys(caps).length > 0 && JSON.stringify(known.caps) !== JSON.stringify(caps);
    if (differs)
      throw new Error(
        `Error EINVAL: key for ${entity} exists but cap ${Object.keys(caps).find((service) => known.caps[service] !== caps[service])} does not match`,
      );
    return known;
  }
  const created = { key: makeKey(rack, entity), caps };
  cephKeys(rack).put(entity, created);
  return created;
}
