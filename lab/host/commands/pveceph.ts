// `pveceph`: Ceph as Proxmox VE sets it up: packages, cluster, pools.
import { parsePrefix } from "../../../plan/ipv4.ts";
import { cephHealth, cephOsds, cephPools, initCeph } from "../../rack/ceph.ts";
import { disksOf } from "../../rack/hosts.ts";
import { addressesOf } from "../../rack/network.ts";
import { GIB, storageId, storages } from "../../rack/storage.ts";
import type { HostCall } from "../host-command.ts";
import type { HostContext } from "../installed-command.ts";
import { installPackages } from "../operating-system.ts";
import { type Options, parseOptions } from "../options.ts";
import {
  CEPH_CONF,
  createManager,
  createMonitor,
  createOsd,
  destroyManager,
  destroyMonitor,
  refuse,
  requireConnection,
  requireInitialised,
  requireInstalled,
  requireQuorum,
  writeCephConf,
} from "./pveceph-daemons.ts";

const VERSIONS: Readonly<Record<string, string>> = { squid: "19.2.3-pve2", tentacle: "20.2.0-pve1" };
const PACKAGES = ["ceph", "ceph-base", "ceph-fuse", "ceph-mds", "ceph-mgr", "ceph-mon", "ceph-osd", "ceph-volume"];

function install({ rack, host, files }: HostContext, call: HostCall, options: Options): number {
  const version = options.get("version") ?? "squid";
  const packageVersion =
    VERSIONS[version] ??
    refuse(
      `400 Parameter verification failed.\nversion: value '${version}' does not have a value in the enumeration '${Object.keys(VERSIONS).join(", ")}'`,
    );
  const repository = options.get("repository") ?? "enterprise";
  if (!/^(enterprise|no-subscription|test)$/.test(repository))
    refuse(
      `400 Parameter verification failed.\nrepository: value '${repository}' does not have a value in the enumeration 'enterprise, no-subscription, test'`,
    );
  // apt asks, and takes the end of its input for a no.
  if (!/^y/i.test(call.stdin.readLine() ?? ""))
    refuse("Do you want to continue? [Y/n] Abort.\napt failed during ceph installation (1)");
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
    refuse(
      `400 Parameter verification failed.\nnetwork: invalid format - value does not look like a valid CIDR network`,
    );
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const cluster = {
    publicNetwork: network,
    size: number("size", 3),
    minSize: number("min_size", 2),
  };
  context.rack.transaction(() => initCeph(context.rack, context.host, cluster));
  if (context.files.read(CEPH_CONF) === undefined) writeCephConf(context, options.get("cluster-network"));
  return 0;
}

function createPool(context: HostContext, options: Options): number {
  const { rack } = context;
  const [name = ""] = options.operands;
  const cluster = requireInitialised(context);
  requireConnection(context);
  if (cephPools(rack).get(name)) refuse(`pool '${name}' already exists`);
  if (cephHealth(rack).osdsUp === 0) refuse("no OSDs: create at least one first");
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

const FLAGS = ["add_storages", "cleanup", "force", "allow-experimental"];
const VALUES =
  "version repository network cluster-network size min_size pg_bits pg_num pg_autoscale_mode application crush_rule mon-address monid id crush-device-class db_dev wal_dev osds-per-device encrypted";

/** What a verb does, and how many seconds it takes on hardware. */
type Verb = readonly [seconds: number, run: (context: HostContext, call: HostCall, options: Options) => number];

const VERBS: Readonly<Record<string, Verb>> = {
  install: [60, install],
  init: [1, (context, _call, options) => init(context, options)],
  "mon create": [5, createMonitor],
  "mgr create": [3, createManager],
  "osd create": [15, createOsd],
  "pool create": [5, (context, _call, options) => createPool(context, options)],
  "pool ls": [
    0,
    ({ rack }, call) =>
      print(
        call,
        cephPools(rack)
          .list()
          .map(({ id }) => `${id}\n`)
          .join(""),
      ),
  ],
  status: [0, ({ rack }, call) => print(call, `${cephHealth(rack).status}\n`)],
  "mon destroy": [3, destroyMonitor],
  "mgr destroy": [3, destroyManager],
};

function print({ stdout }: HostCall, text: string): number {
  stdout.write(text);
  return 0;
}

export async function pveceph(context: HostContext, call: HostCall): Promise<number> {
  const [first = "", ...rest] = call.args;
  const isObject = /^(mon|mgr|osd|pool|mds|fs)$/.test(first);
  const verb = isObject ? `${first} ${rest[0] ?? ""}` : first;
  const options = parseOptions(isObject ? rest.slice(1) : rest, FLAGS, VALUES.split(" "));
  const [seconds, run] = VERBS[verb] ?? refuse(`ERROR: unknown command 'pveceph ${verb}'`);
  await context.sleep(seconds);
  return run(context, call, options);
}
