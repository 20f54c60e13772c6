// `pvesm` and the part of `pvesh` that scripts use.
import { cephPools } from "../../rack/ceph.ts";
import { clusterOf, quorumOf } from "../../rack/corosync.ts";
import { FIREWALL_KINDS } from "../../rack/host-firewall.ts";
import { storageId, storages, usedBytes } from "../../rack/storage.ts";
import { stopVm, vms } from "../../rack/vms.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";
import { parseOptions } from "../options.ts";
import { addRbdStorage } from "./pveceph.ts";
import { restartOsd } from "./pveceph-daemons.ts";

function status({ rack, host }: HostContext, { args, stdout }: HostCall): number {
  const wanted = args.includes("--storage") ? args[args.indexOf("--storage") + 1] : undefined;
  const seen = storages(rack)
    .list()
    .map(({ body }) => body)
    .filter((storage) => (storage.host ?? host) === host);
  const picked = seen.filter((storage) => wanted === undefined || storage.name === wanted);
  if (wanted !== undefined && picked.length === 0) throw new CommandFailure(`storage '${wanted}' does not exist`, 255);
  stdout.write("Name             Type     Status           Total            Used       Available        %\n");
  for (const storage of picked) {
    const [total, used] = [Math.floor(storage.capacityBytes / 1024), Math.floor(usedBytes(storage) / 1024)];
    stdout.write(
      `${storage.name.padEnd(16)} ${storage.type.padEnd(8)} active ${String(total).padStart(15)} ${String(used).padStart(15)} ${String(total - used).padStart(15)}\n`,
    );
  }
  return 0;
}

function add({ rack, host, files, sleep }: HostContext, args: readonly string[]): number {
  const options = parseOptions(
    args,
    [],
    ["pool", "content", "krbd", "monhost", "username", "nodes", "path", "keyring"],
  );
  const [type = "", name = ""] = options.operands;
  if (!quorumOf(rack, host).isQuorate) throw new CommandFailure("cluster not ready - no quorum?", 255);
  if (storages(rack).get(storageId(name)) ?? storages(rack).get(storageId(name, host))) {
    throw new CommandFailure(`create storage failed: storage ID '${name}' already defined`, 255);
  }
  if (type !== "rbd")
    throw new CommandFailure(
      `400 Parameter verification failed.\ntype: the simulated hosts add storages of type rbd only, not '${type}'`,
      255,
    );
  const poolName = options.get("pool") ?? "rbd";
  const pool = cephPools(rack).get(poolName);
  if (!pool)
    throw new CommandFailure(
      `create storage failed: error with cfs lock 'file-storage_cfg': rbd error: pool '${poolName}' does not exist`,
      255,
    );
  addRbdStorage(
    { rack, host, files, sleep },
    name,
    poolName,
    (options.get("content") ?? "images,rootdir").split(","),
    pool.size,
  );
  return 0;
}

function pvesm(context: HostContext, call: HostCall): number {
  const [verb, ...args] = call.args;
  const [name = ""] = args;
  switch (verb) {
    case "status":
      return status(context, call);
    case "add":
      return add(context, args);
    case "remove":
      if (!storages(context.rack).delete(storageId(name)))
        throw new CommandFailure(`delete storage failed: storage '${name}' does not exist`, 255);
      return 0;
    default:
      throw new CommandFailure(`ERROR: unknown command 'pvesm ${verb ?? ""}'`, 255);
  }
}

function pvesh(context: HostContext, { args, stdout }: HostCall): number {
  const [verb, path, ...rest] = args;
  const { rack, host } = context;
  const answers: Record<string, () => unknown> = {
    "/cluster/status": () => {
      const cluster = clusterOf(rack, host);
      const { isQuorate, online } = quorumOf(rack, host);
      const nodes = (cluster?.nodes ?? []).map((node) => ({
        type: "node",
        name: node.host,
        online: Number(online.includes(node.host)),
      }));
      return [
        ...(cluster
          ? [{ type: "cluster", name: cluster.name, quorate: Number(isQuorate), nodes: cluster.nodes.length }]
          : []),
        ...nodes,
      ];
    },
    "/nodes": () =>
      (clusterOf(rack, host)?.nodes ?? [{ host }]).map((node) => ({
        node: node.host,
        status: quorumOf(rack, host).online.includes(node.host) ? "online" : "offline",
      })),
    "/version": () => ({ version: "9.1.4", release: "9.1" }),
  };
  const restart = /^\/nodes\/([^/]*)\/ceph\/restart$/.exec(path ?? "");
  const [flag, service = ""] = rest;
  if (verb === "create" && restart && flag === "--service" && service.startsWith("osd.")) {
    restartOsd(context, restart[1] ?? "", service.slice("osd.".length));
    return 0;
  }
  const answer = verb === "get" ? answers[path ?? ""] : undefined;
  if (verb === "create" && path === "/nodes/localhost/stopall") return stopAll(context);
  if (verb === "set" && path === "/cluster/sdn") return 0;
  if (verb === "set" && path === "/cluster/firewall/options") return setFirewall(context, rest);
  if (!answer)
    throw new CommandFailure(
      `No '${verb ?? ""}' handler defined for '${path ?? ""}' on the simulated hosts; there is: ${Object.keys(answers).join(", ")}`,
      255,
    );
  stdout.write(`${JSON.stringify(answer())}\n`);
  return 0;
}

/** What a host does with its machines before it goes: it comes back when all have ended. */
function stopAll({ rack, host }: HostContext): number {
  for (const { body } of vms(rack).list()) if (body.host === host) stopVm(rack, body.vmid);
  return 0;
}

/** Options of the cluster's firewall, by the plug-in's names. */
const FIREWALL_OPTIONS: Readonly<Record<string, string>> = {
  ebtables: "ebtables",
  enable: "enabled",
  log_ratelimit: "logRatelimit",
  policy_forward: "forwardPolicy",
  policy_in: "inputPolicy",
  policy_out: "outputPolicy",
};

/** `--delete enable,policy_in`: what scripts do with the firewall's options. */
function setFirewall({ rack, host }: HostContext, args: readonly string[]): number {
  const [flag, list, ...rest] = args;
  if (flag !== "--delete" || list === undefined || rest.length > 0)
    throw new CommandFailure(`pvesh set /cluster/firewall/options ${args.join(" ")} is not simulated`, 255);
  if (!quorumOf(rack, host).isQuorate) throw new CommandFailure("cluster not ready - no quorum?", 255);
  const all = rack.collection<Record<string, unknown>>(FIREWALL_KINDS.cluster);
  const gone = list.split(",").map((name) => {
    const own = FIREWALL_OPTIONS[name];
    if (own === undefined)
      throw new CommandFailure(`400 Parameter verification failed.\ndelete: unknown option '${name}'`, 255);
    return own;
  });
  const left = Object.entries(all.get("cluster-firewall") ?? {}).filter(([name]) => !gone.includes(name));
  if (left.length === 0) all.delete("cluster-firewall");
  else all.put("cluster-firewall", Object.fromEntries(left));
  return 0;
}

/** `pvesm` and `pvesh`. */
export function storageCommands(context: HostContext): CommandTable {
  return {
    pvesm: { needs: "pve-manager", run: (call) => pvesm(context, call) },
    pvesh: { needs: "pve-manager", run: (call) => pvesh(context, call) },
  };
}
