// Ceph pools through the Proxmox API, and Ceph's state. Monitors, managers and OSDs are made by commands on the hosts.
import { fn, resource } from "../../plugin/contract.ts";
import { type CephPool, cephHealth, cephOsds, cephPools, requireMonitors } from "../../rack/ceph.ts";
import { disksOf } from "../../rack/hosts.ts";
import { GIB, storageId, storages } from "../../rack/storage.ts";
import type { Rack } from "../../rack/store.ts";
import { apiError, clusterApi, entryHost, nodeApi, parameterError, splitId } from "./api.ts";

interface Pool {
  nodeName: string;
  name: string;
  application?: string;
  size?: number;
  minSize?: number;
  pgNum?: number;
  pgAutoscaleMode?: string;
  crushRule?: string;
  addStorages?: boolean;
  removeStorages?: boolean;
  forceDestroy?: boolean;
  removeEcprofile?: boolean;
  erasureCoding?: string;
}

const DEFAULT_SIZE = 3;
const DEFAULT_MIN_SIZE = 2;
const DEFAULT_PGS = 128;
/** Ceph refuses writes above this share of its raw space. */
const FULL_RATIO = 0.95;

/** Ceph's errors, as the API gives them on. */
function asApiError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw apiError(500, error instanceof Error ? error.message : String(error));
  }
}

function poolBody(inputs: Pool): CephPool {
  return {
    size: inputs.size ?? DEFAULT_SIZE,
    minSize: inputs.minSize ?? DEFAULT_MIN_SIZE,
    pgNum: inputs.pgNum ?? DEFAULT_PGS,
    application: inputs.application ?? "rbd",
  };
}

function poolState(node: string, name: string, pool: CephPool): Pool {
  return { nodeName: node, name, ...pool };
}

/** What the rack does not keep, with the defaults of the API. */
function settings(inputs: Pool) {
  return {
    pgAutoscaleMode: inputs.pgAutoscaleMode ?? "on",
    crushRule: inputs.crushRule ?? "replicated_rule",
    forceDestroy: inputs.forceDestroy ?? false,
    removeStorages: inputs.removeStorages ?? false,
    removeEcprofile: inputs.removeEcprofile ?? true,
    pgNumMin: 1,
  };
}

function check({ name, size, minSize, pgAutoscaleMode }: Partial<Pool>) {
  const failures = [];
  if (typeof name === "string" && !/^[^:/\s]+$/.test(name))
    failures.push({ property: "name", reason: `invalid pool name "${name}": no spaces, colons or slashes` });
  if (typeof size === "number" && (size < 1 || size > 7))
    failures.push({ property: "size", reason: `Attribute size value must be between 1 and 7, got: ${size}` });
  if (typeof size === "number" && typeof minSize === "number" && minSize > size)
    failures.push({ property: "minSize", reason: `min_size ${minSize} is larger than size ${size}` });
  if (typeof pgAutoscaleMode === "string" && !["on", "off", "warn"].includes(pgAutoscaleMode)) {
    failures.push({
      property: "pgAutoscaleMode",
      reason: `Attribute pg_autoscale_mode value must be one of: ["on" "off" "warn"], got: "${pgAutoscaleMode}"`,
    });
  }
  return failures;
}

function addRbdStorage(rack: Rack, name: string, size: number): void {
  const rawGiB = cephOsds(rack)
    .list()
    .reduce(
      (sum, { body }) => sum + (disksOf(rack, body.host).find(({ device }) => device === body.device)?.sizeGiB ?? 0),
      0,
    );
  if (storages(rack).get(storageId(name))) throw apiError(500, `storage ID '${name}' already defined`);
  const capacityBytes = Math.floor((rawGiB * GIB * FULL_RATIO) / size);
  storages(rack).put(storageId(name), {
    name,
    type: "rbd",
    capacityBytes,
    content: ["images", "rootdir"],
    pool: name,
    volumes: {},
  });
}

/** Pools of Ceph, by token. */
export const cephResources = {
  "proxmoxve:ceph/pool:Pool": resource<Pool>({
    latencyMs: { create: 8_000, update: 3_000, read: 200, delete: 8_000 },
    autoname: "name",
    check,
    create(context, inputs) {
      const { rack } = context;
      const { nodeName: node, name } = inputs;
      nodeApi(context, node);
      clusterApi(context, "write");
      asApiError(() => requireMonitors(rack, node));
      if (cephPools(rack).get(name)) throw apiError(500, `pool '${name}' already exists`);
      if (inputs.erasureCoding !== undefined) throw parameterError({ "erasure-coding": "is not simulated" });
      if (cephHealth(rack).osdsUp === 0)
        throw apiError(500, `mon_command failed - pool '${name}': there are no OSDs that are up`);
      const body = poolBody(inputs);
      cephPools(rack).put(name, body);
      if (inputs.addStorages) addRbdStorage(rack, name, body.size);
      return { id: `${node}/${name}`, outputs: { ...poolState(node, name, body), ...settings(inputs) } };
    },
    read(context, id, state) {
      const [node = "", name = ""] = splitId(id, "/", 2, "node_name/name");
      nodeApi(context, node);
      const pool = cephPools(context.rack).get(name);
      return pool
        ? { outputs: { ...poolState(node, name, pool), ...settings({ ...state, nodeName: node, name }) } }
        : undefined;
    },
    update(context, _, inputs) {
      const { rack } = context;
      nodeApi(context, inputs.nodeName);
      asApiError(() => requireMonitors(rack, inputs.nodeName));
      const body = poolBody(inputs);
      cephPools(rack).put(inputs.name, body);
      return { ...poolState(inputs.nodeName, inputs.name, body), ...settings(inputs) };
    },
    delete(context, id, state) {
      const { rack } = context;
      const [node = "", name = ""] = splitId(id, "/", 2, "node_name/name");
      nodeApi(context, node);
      if (!cephPools(rack).get(name)) return;
      asApiError(() => requireMonitors(rack, node));
      const using = storages(rack)
        .list()
        .filter(({ body }) => body.pool === name);
      const busy = using.find(({ body }) => Object.keys(body.volumes).length > 0);
      if (busy && !state.forceDestroy) {
        throw apiError(500, `ceph pool '${name}' still in use by storage '${busy.body.name}'`);
      }
      // Left to itself, the API leaves the storage's definition behind, and nothing can use or make it any more.
      if (state.removeStorages) for (const storage of using) storages(rack).delete(storage.id);
      cephPools(rack).delete(name);
    },
  }),
};

/** Questions about Ceph, by token. */
export const cephFunctions = {
  "proxmoxve:ceph/getStatus:getStatus": fn<
    { nodeName?: string },
    { id: string; fsid: string; healthStatus: string; quorumNames: string[] }
  >({
    call(context, { nodeName }) {
      const node = nodeName ?? entryHost(context);
      nodeApi(context, node);
      const health = asApiError(() => requireMonitors(context.rack, node));
      return {
        id: health.fsid ?? "",
        fsid: health.fsid ?? "",
        healthStatus: health.status,
        quorumNames: health.monitors.filter(({ up }) => up).map(({ host }) => host),
      };
    },
  }),
};
