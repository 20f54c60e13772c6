// `talosctl etcd …`, and what starts and shows it.
import { CommandFailure } from "../host/host-command.ts";
import { bootstrap, clusterOf, hasQuorum, leaveEtcd, liveMembers, removeMember } from "../rack/talos/cluster.ts";
import { recoverEtcd, saveEtcd } from "../rack/talos/etcd-data.ts";
import { renderColumns } from "./command-line.ts";
import { type OpenNode, openNodes, type Talosctl } from "./talosctl-connection.ts";

function requireControlPlane({ node }: OpenNode): void {
  if (node.config?.type !== "controlplane")
    throw new CommandFailure(
      "error: rpc error: code = Unimplemented desc = member list is only available on control plane nodes",
    );
}

const memberId = (machine: string) => Buffer.from(machine).toString("hex").padStart(16, "0").slice(-16);

function etcdMembers(talosctl: Talosctl): string {
  const { rack } = talosctl.context;
  const rows = openNodes(talosctl).flatMap((opened) => {
    requireControlPlane(opened);
    const cluster = clusterOf(rack, opened.node);
    if (cluster === undefined || !hasQuorum(rack, cluster))
      throw new CommandFailure("error getting members: rpc error: code = Unavailable desc = etcdserver: no leader");
    return cluster.members.map(({ machine, hostname, address }) => [
      opened.address,
      memberId(machine),
      hostname,
      `https://${address}:2380`,
      `https://${address}:2379`,
      "false",
    ]);
  });
  return renderColumns([["NODE", "ID", "HOSTNAME", "PEER URLS", "CLIENT URLS", "LEARNER"], ...rows]);
}

function etcdStatus(talosctl: Talosctl): string {
  const { rack } = talosctl.context;
  const rows = openNodes(talosctl).map((opened) => {
    requireControlPlane(opened);
    const cluster = clusterOf(rack, opened.node);
    const live = cluster === undefined ? [] : liveMembers(rack, cluster);
    const leader = live[0];
    if (leader === undefined || !live.some(({ machine }) => machine.id === opened.node.machine.id))
      throw new CommandFailure(
        "error getting status: rpc error: code = Unavailable desc = etcd is not running on this node",
      );
    return [
      opened.address,
      memberId(opened.node.machine.id),
      "17 MB",
      "4.5 MB (26.10%)",
      memberId(leader.machine.id),
      "53391",
      "4",
      "53391",
      "false",
      "3.6.4",
      "3.6.0",
    ];
  });
  return renderColumns([
    [
      "NODE",
      "MEMBER",
      "DB SIZE",
      "IN USE",
      "LEADER",
      "RAFT INDEX",
      "RAFT TERM",
      "RAFT APPLIED INDEX",
      "LEARNER",
      "PROTOCOL",
      "STORAGE",
      "ERRORS",
    ],
    ...rows,
  ]);
}

function etcdSnapshot(talosctl: Talosctl): string {
  const { context, call, line } = talosctl;
  const [opened] = openNodes(talosctl);
  const cluster = opened && clusterOf(context.rack, opened.node);
  if (cluster === undefined || !hasQuorum(context.rack, cluster))
    throw new CommandFailure("error reading file: rpc error: code = Unavailable desc = etcdserver: no leader");
  const path = call.shell.path(line.words[2] ?? "db.snapshot");
  const snapshot = saveEtcd(context.rack, cluster);
  context.files.write(path, snapshot, "600");
  return `etcd snapshot saved to "${path}" (${snapshot.length} bytes)\n`;
}

function bootstrapEtcd(talosctl: Talosctl): string {
  const { context, call, line } = talosctl;
  const [opened] = openNodes(talosctl);
  if (opened === undefined) return "";
  const { address, client } = opened;
  const at = { node: address, endpoint: address, client };
  const file = line.get("recover-from");
  if (file === undefined) {
    context.rack.transaction(() => bootstrap(context.rack, at));
    return "";
  }
  const snapshot = context.files.read(call.shell.path(file));
  if (snapshot === undefined)
    throw new CommandFailure(`error opening snapshot file: open ${file}: no such file or directory`);
  context.rack.transaction(() => recoverEtcd(context.rack, at, snapshot));
  return `recovering from snapshot "${file}"\n`;
}

/** `talosctl service etcd`: of the one service that anybody asks for. */
function service(talosctl: Talosctl): string {
  const { rack } = talosctl.context;
  if (talosctl.line.words[1] !== "etcd") throw new CommandFailure("error: the simulated talosctl knows of etcd only");
  return openNodes(talosctl)
    .map((opened) => {
      requireControlPlane(opened);
      const cluster = clusterOf(rack, opened.node);
      const live = cluster === undefined ? [] : liveMembers(rack, cluster);
      const state = live.some(({ machine }) => machine.id === opened.node.machine.id) ? "Running" : "Preparing";
      const health = state === "Running" ? "OK" : "?";
      return `NODE     ${opened.address}\nID       etcd\nSTATE    ${state}\nHEALTH   ${health}\n`;
    })
    .join("");
}

function etcdLeave(talosctl: Talosctl): string {
  for (const { node } of openNodes(talosctl)) leaveEtcd(talosctl.context.rack, node);
  return "";
}

function etcdRemoveMember(talosctl: Talosctl): string {
  const { rack } = talosctl.context;
  const [opened] = openNodes(talosctl);
  const cluster = opened && clusterOf(rack, opened.node);
  const member = cluster?.members.find(({ machine }) => memberId(machine) === talosctl.line.words[2]);
  if (cluster === undefined || member === undefined)
    throw new CommandFailure("error: rpc error: code = NotFound desc = etcdserver: member not found");
  removeMember(rack, cluster, member.machine);
  return "";
}

/** Verbs of etcd, as typed. */
export const etcdVerbs: Readonly<Record<string, (talosctl: Talosctl) => string>> = {
  bootstrap: bootstrapEtcd,
  service,
  "etcd members": etcdMembers,
  "etcd status": etcdStatus,
  "etcd snapshot": etcdSnapshot,
  "etcd leave": etcdLeave,
  "etcd remove-member": etcdRemoveMember,
};
