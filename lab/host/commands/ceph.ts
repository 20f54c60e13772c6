// The commands that Ceph is run with on a Proxmox host.
import {
  type CephHealth,
  cephHealth,
  cephKeys,
  cephMonitors,
  cephOsds,
  cephPools,
  getOrCreateKey,
  osdIsUp,
  requireMonitors,
} from "../../rack/ceph.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";
import { okToStop, osdDump, osdMetadata } from "./ceph-osds.ts";
import { cephVolume } from "./ceph-volume.ts";
import { pveceph } from "./pveceph.ts";

interface Asked {
  readonly words: readonly string[];
  readonly isJson: boolean;
}

function read(args: readonly string[]): Asked {
  const words: string[] = [];
  let isJson = false;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? "";
    if (argument === "-f" || argument === "--format") {
      index += 1;
      isJson = /^json/.test(args[index] ?? "");
    } else if (/^--format=json/.test(argument)) isJson = true;
    else if (argument === "--connect-timeout" || argument === "-o") index += 1;
    else if (argument === "-s") words.push("status");
    else if (!argument.startsWith("--connect-timeout=")) words.push(argument);
  }
  return { words, isJson };
}

function statusText(context: HostContext): { json: object; text: string } {
  const health = cephHealth(context.rack);
  const up = health.monitors.filter((monitor) => monitor.up).map((monitor) => monitor.host);
  const manager = health.managers.find((candidate) => candidate.up)?.host;
  const json = {
    fsid: health.fsid,
    health: {
      status: health.status,
      checks: Object.fromEntries(
        health.checks.map((check, index) => [`CHECK_${index}`, { summary: { message: check } }]),
      ),
    },
    quorum_names: up,
    monmap: { num_mons: health.monitors.length },
    osdmap: { num_osds: health.osds, num_up_osds: health.osdsUp, num_in_osds: health.osdsUp },
    mgrmap: {
      available: manager !== undefined,
      active_name: manager ?? "",
      num_standbys: Math.max(0, health.managers.filter((candidate) => candidate.up).length - 1),
    },
    pgmap: { num_pools: health.pools.length },
  };
  const checks = health.checks.map((check) => `            ${check}\n`).join("");
  const text = `  cluster:\n    id:     ${health.fsid}\n    health: ${health.status}\n${checks}\n  services:\n    mon: ${health.monitors.length} daemons, quorum ${up.join(",")}\n    mgr: ${manager === undefined ? "no daemons active" : `${manager}(active)`}\n    osd: ${health.osds} osds: ${health.osdsUp} up, ${health.osdsUp} in\n\n  data:\n    pools:   ${health.pools.length} pools\n`;
  return { json, text };
}

function monitorText(context: HostContext, verb: string): { json: object; text: string } {
  const health = cephHealth(context.rack);
  const names = health.monitors.filter((monitor) => monitor.up).map((monitor) => monitor.host);
  const mons = health.monitors.map(({ host, address }, rank) => ({
    rank,
    name: host,
    public_addr: `${address}:6789/0`,
    addr: `${address}:6789/0`,
  }));
  const list = mons
    .map(
      (mon) => `${mon.rank}: [v2:${mon.public_addr.replace(":6789", ":3300")},v1:${mon.public_addr}] mon.${mon.name}\n`,
    )
    .join("");
  const text =
    verb === "dump"
      ? `epoch ${mons.length}\nfsid ${health.fsid}\n${list}`
      : `e${mons.length}: ${mons.length} mons, quorum ${names.join(",")}\n`;
  return { json: { fsid: health.fsid, mons, quorum_names: names, quorum: names.map((_, index) => index) }, text };
}

function osdText({ rack }: HostContext, words: readonly string[]): { json: unknown; text: string } {
  const health = cephHealth(rack);
  const osds = cephOsds(rack).list();
  const [verb, next, name = ""] = words;
  if (verb === "stat") {
    return {
      json: { num_osds: health.osds, num_up_osds: health.osdsUp, num_in_osds: health.osdsUp },
      text: `${health.osds} osds: ${health.osdsUp} up, ${health.osdsUp} in\n`,
    };
  }
  if (verb === "ls") return { json: osds.map(({ id }) => Number(id)), text: osds.map(({ id }) => `${id}\n`).join("") };
  if (verb === "dump") return osdDump(rack);
  if (verb === "metadata") return osdMetadata(rack, next ?? "");
  if (verb === "ok-to-stop") return okToStop(rack, next ?? "");
  if (verb === "info") {
    const id = (next ?? "").replace(/^osd\./, "");
    const osd = osds.find((candidate) => candidate.id === id);
    if (!osd) throw new CommandFailure(`Error ENOENT: osd.${id} does not exist`, 2);
    const state = osdIsUp(rack, id) ? "up  " : "down";
    return {
      json: { osd: Number(id), up: Number(state.trim() === "up"), in: 1 },
      text: `osd.${id} ${state} in  weight 1 ${osd.body.uuid}\n`,
    };
  }
  if (verb === "tree") {
    const byHost = [...new Set(osds.map(({ body }) => body.host))].sort();
    const of = (host: string) => osds.filter(({ body }) => body.host === host);
    const nodes = byHost.flatMap((host) => [
      { type: "host", name: host, children: of(host).map(({ id }) => Number(id)) },
      ...of(host).map(({ id, body }) => ({
        id: Number(id),
        type: "osd",
        name: `osd.${id}`,
        device_class: body.deviceClass,
      })),
    ]);
    const text = byHost
      .map(
        (host) =>
          `host ${host}\n${of(host)
            .map(({ id, body }) => `  ${id}  ${body.deviceClass}  osd.${id}\n`)
            .join("")}`,
      )
      .join("");
    return { json: { nodes }, text };
  }
  if (verb === "pool" && next === "ls")
    return { json: health.pools, text: health.pools.map((pool) => `${pool}\n`).join("") };
  if (verb === "pool" && next === "get") {
    const pool = cephPools(rack).get(name);
    if (!pool) throw new CommandFailure(`Error ENOENT: unrecognized pool '${name}'`, 2);
    const values: Record<string, unknown> = { size: pool.size, min_size: pool.minSize, pg_num: pool.pgNum };
    const key = words[3] ?? "size";
    return { json: { pool: name, [key]: values[key] }, text: `${key}: ${values[key]}\n` };
  }
  throw new CommandFailure(`no valid command found; osd ${words.join(" ")}\nError EINVAL: invalid command`, 22);
}

function authText({ rack }: HostContext, words: readonly string[]): { json: unknown; text: string } {
  const [verb = "", entity = "", ...caps] = words;
  if (verb === "ls" || verb === "list") {
    const keys = cephKeys(rack).list();
    return {
      json: { auth_dump: keys.map(({ id, body }) => ({ entity: id, ...body })) },
      text: keys.map(({ id }) => `${id}\n`).join(""),
    };
  }
  const wanted = Object.fromEntries(
    caps.flatMap((service, index) => (index % 2 === 0 ? [[service, caps[index + 1] ?? ""]] : [])),
  );
  try {
    const known = cephKeys(rack).get(entity);
    if (verb === "caps" && known) cephKeys(rack).put(entity, { ...known, caps: wanted });
    const key = /^get-or-create/.test(verb)
      ? rack.transaction(() => getOrCreateKey(rack, entity, wanted))
      : cephKeys(rack).get(entity);
    if (!key) throw new Error(`Error ENOENT: failed to find ${entity} in keyring`);
    const onlyKey = /key$/.test(verb);
    const capLines =
      verb === "get"
        ? Object.entries(key.caps)
            .map(([service, cap]) => `\tcaps ${service} = "${cap}"\n`)
            .join("")
        : "";
    const text = onlyKey
      ? `${key.key}\n`
      : verb === "caps"
        ? `updated caps for ${entity}\n`
        : `[${entity}]\n\tkey = ${key.key}\n${capLines}`;
    return { json: onlyKey ? { key: key.key } : [{ entity, ...key }], text };
  } catch (error) {
    throw new CommandFailure((error as Error).message, /EINVAL/.test((error as Error).message) ? 22 : 2);
  }
}

/** Ceph's names of what may be wrong (doc/rados/operations/health-checks.rst). */
const CODES: readonly (readonly [RegExp, string])[] = [
  [/mons? down|monitor quorum/, "MON_DOWN"],
  [/active mgr/, "MGR_DOWN"],
  [/osds? down/, "OSD_DOWN"],
  [/OSD count/, "TOO_FEW_OSDS"],
  [/without min_size/, "PG_AVAILABILITY"],
  [/fewer hosts than size/, "PG_DEGRADED"],
];

function healthDetail({ status, checks }: CephHealth): string {
  const level = status === "HEALTH_ERR" ? "ERR" : "WRN";
  const lines = checks.map((check) => `[${level}] ${CODES.find(([is]) => is.test(check))?.[1] ?? "UNKNOWN"}: ${check}`);
  return `${[[status, ...checks].join("; "), ...lines].join("\n")}\n`;
}

function ceph(context: HostContext, call: HostCall): number {
  const { words, isJson } = read(call.args);
  const [object = "status", ...rest] = words;
  try {
    requireMonitors(context.rack, context.host);
  } catch (error) {
    throw new CommandFailure((error as Error).message);
  }
  const answer = answerOf(context, object, rest);
  call.stdout.write(isJson ? `${JSON.stringify(answer.json)}\n` : answer.text);
  return 0;
}

function answerOf(context: HostContext, object: string, rest: readonly string[]): { json: unknown; text: string } {
  const health = cephHealth(context.rack);
  switch (object) {
    case "status":
      return statusText(context);
    case "health":
      return {
        json: { status: health.status, checks: health.checks },
        text: rest[0] === "detail" ? healthDetail(health) : `${[health.status, ...health.checks].join(" ")}\n`,
      };
    case "fsid":
      return { json: { fsid: health.fsid }, text: `${health.fsid}\n` };
    case "mon":
      return monitorText(context, rest[0] ?? "");
    case "quorum_status":
      return { ...monitorText(context, "stat"), text: `${JSON.stringify(monitorText(context, "stat").json)}\n` };
    case "mgr": {
      const up = health.managers.filter((manager) => manager.up).map((manager) => manager.host);
      const json = {
        available: up.length > 0,
        active_name: up[0] ?? "",
        standbys: up.slice(1).map((name) => ({ name })),
      };
      const stat = { available: json.available, active_name: json.active_name, num_standbys: json.standbys.length };
      const answer = rest[0] === "dump" ? json : stat;
      return { json: answer, text: `${JSON.stringify(answer)}\n` };
    }
    case "node": {
      const mon = Object.fromEntries(
        cephMonitors(context.rack)
          .list()
          .map(({ id }) => [id, [id]]),
      );
      const osd: Record<string, number[]> = {};
      for (const { id, body } of cephOsds(context.rack).list())
        osd[body.host] = [...(osd[body.host] ?? []), Number(id)];
      const all: Readonly<Record<string, object>> = { mon, osd };
      const json = rest[1] === undefined ? all : (all[rest[1]] ?? {});
      return { json, text: `${JSON.stringify(json)}\n` };
    }
    case "osd":
      return osdText(context, rest);
    case "auth":
      return authText(context, rest);
    default:
      throw new CommandFailure(
        `no valid command found; ${[object, ...rest].join(" ")}\nError EINVAL: invalid command`,
        22,
      );
  }
}

/** `ceph`, `ceph-volume`, `pveceph`, and the daemons' programs, once their packages are there. */
export function cephCommands(context: HostContext): CommandTable {
  return {
    ceph: { needs: "ceph-common", run: (call) => ceph(context, call) },
    // Only their presence is asked for: `command -v ceph-mon`.
    "ceph-mon": { needs: "ceph-mon", run: () => 0 },
    "ceph-mgr": { needs: "ceph-mgr", run: () => 0 },
    "ceph-osd": { needs: "ceph-osd", run: () => 0 },
    "ceph-volume": { needs: "ceph-volume", run: (call) => cephVolume(context, call) },
    pveceph: { needs: "pve-manager", run: (call) => pveceph(context, call) },
  };
}
