// talosctl, as far as the program's scripts use it (flags and outputs of siderolabs/talos v1.13, cmd/talosctl/cmd/talos).
import { parse } from "yaml";
import { CommandFailure, type HostCall } from "../host/host-command.ts";
import type { HostContext } from "../host/simulated-host.ts";
import { markNode } from "../rack/kubernetes/node-objects.ts";
import { clusterOf, hasQuorum, leaveEtcd, liveMembers, removeMember } from "../rack/talos/cluster.ts";
import { issueKubeconfig } from "../rack/talos/kubeconfig.ts";
import { nodeAt, type TalosNode, wipe } from "../rack/talos/nodes.ts";
import { operatorReaches } from "../rack/talos/reach.ts";
import type { ClientConfiguration } from "../rack/talos/secrets.ts";
import { openConfigured } from "../rack/talos/talos-api.ts";
import { reboot, upgradeKubernetes, upgradeTalos } from "../rack/talos/upgrade.ts";
import { type CobraLine, readCobraLine, renderColumns } from "./command-line.ts";

const flags = {
  values: [
    "nodes",
    "endpoints",
    "talosconfig",
    "image",
    "timeout",
    "to",
    "wipe-mode",
    "system-labels-to-wipe",
    "namespace",
  ],
  switches: [
    "insecure",
    "drain",
    "wait",
    "graceful",
    "reboot",
    "force",
    "merge",
    "with-docs",
    "with-examples",
    "short",
  ],
  short: { n: "nodes", e: "endpoints", i: "image", f: "force", m: "merge" },
} as const;

interface Talosctl {
  readonly context: HostContext;
  readonly call: HostCall;
  readonly line: CobraLine;
}

function fail(address: string, text: string): never {
  throw new CommandFailure(`error: rpc error: code = Unavailable desc = ${text} (${address})`);
}

/** What answers at an address right now; nobody waits. */
function answering({ context: { rack } }: Talosctl, address: string): TalosNode {
  const node = nodeAt(rack, address);
  if (!node || node.stage === "off" || !operatorReaches(rack, address))
    fail(address, `connection error: desc = "transport: Error while dialing: dial tcp ${address}:50000: i/o timeout"`);
  if (node.stage === "booting" || node.stage === "broken")
    fail(
      address,
      `connection error: desc = "transport: Error while dialing: dial tcp ${address}:50000: connect: connection refused"`,
    );
  return node;
}

interface Talosconfig {
  context?: string;
  contexts?: Record<string, { endpoints?: string[]; nodes?: string[]; ca?: string; crt?: string; key?: string }>;
}

function readConfig({ context, call, line }: Talosctl): {
  client: ClientConfiguration;
  endpoints: string[];
  nodes: string[];
} {
  const path = line.get("talosconfig") ?? call.shell.variables.get("TALOSCONFIG") ?? "/root/.talos/config";
  const text = context.files.read(call.shell.path(path));
  const file = text === undefined ? undefined : (parse(text) as Talosconfig | null);
  const found = file?.contexts?.[file.context ?? ""];
  if (found === undefined) throw new CommandFailure("error: no context is set");
  const list = (flag: string) =>
    line
      .get(flag)
      ?.split(",")
      .filter((item) => item !== "");
  return {
    client: { caCertificate: found.ca ?? "", clientCertificate: found.crt ?? "", clientKey: found.key ?? "" },
    endpoints: list("endpoints") ?? found.endpoints ?? [],
    nodes: list("nodes") ?? found.nodes ?? [],
  };
}

/** The nodes the command is for, each opened through an endpoint that answers. */
function open(talosctl: Talosctl): { node: TalosNode; address: string; client: ClientConfiguration }[] {
  const { client, endpoints, nodes } = readConfig(talosctl);
  if (nodes.length === 0)
    throw new CommandFailure(
      "error: nodes are not set for the command: please use `--nodes` flag or configuration file to set the nodes to run the command against",
    );
  const alive = endpoints.filter((address) => {
    try {
      return answering(talosctl, address).stage === "running";
    } catch {
      return false;
    }
  });
  const endpoint = alive[0] ?? endpoints[0];
  if (endpoint === undefined) throw new CommandFailure("error: no endpoints are set");
  answering(talosctl, endpoint);
  return nodes.map((address) => {
    answering(talosctl, address);
    try {
      const node = openConfigured(talosctl.context.rack, { node: address, endpoint, client }, "this call");
      if (node.stage !== "running")
        throw new Error("rpc error: code = Unimplemented desc = the node is in maintenance mode");
      return { node, address, client };
    } catch (error) {
      throw new CommandFailure(`error: ${(error as Error).message}`);
    }
  });
}

function version(talosctl: Talosctl): string {
  const { line } = talosctl;
  const head = "Client:\n\tTag:         v1.13.0\n\tSHA:         simulated\nServer:\n";
  const shown = (address: string, tag: string) =>
    `\tNODE:        ${address}\n\tTag:         ${tag}\n\tOS/Arch:     linux/amd64\n\tEnabled:     RBAC\n`;
  if (!line.is("insecure"))
    return (
      head +
      open(talosctl)
        .map(({ node, address }) => shown(address, node.installation?.version ?? ""))
        .join("")
    );
  const address = line.get("nodes") ?? line.get("endpoints") ?? "";
  const node = answering(talosctl, address);
  if (node.stage !== "maintenance")
    fail(address, 'connection error: desc = "error reading server preface: remote error: tls: certificate required"');
  return head + shown(address, node.machine.medium?.version ?? "");
}

function extensions(talosctl: Talosctl): string {
  const rows = open(talosctl).map(({ node, address }) => [
    address,
    "runtime",
    "ExtensionStatus",
    "0",
    "1",
    "schematic",
    node.installation?.schematic ?? "",
  ]);
  return renderColumns([["NODE", "NAMESPACE", "TYPE", "ID", "VERSION", "NAME", "VERSION"], ...rows]);
}

function requireControlPlane({ node }: { node: TalosNode }): void {
  if (node.config?.type !== "controlplane")
    throw new CommandFailure(
      "error: rpc error: code = Unimplemented desc = member list is only available on control plane nodes",
    );
}

const memberId = (machine: string) => Buffer.from(machine).toString("hex").padStart(16, "0").slice(-16);

function etcdMembers(talosctl: Talosctl): string {
  const { rack } = talosctl.context;
  const rows = open(talosctl).flatMap((opened) => {
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
  const rows = open(talosctl).map((opened) => {
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
  const [opened] = open(talosctl);
  const cluster = opened && clusterOf(context.rack, opened.node);
  if (cluster === undefined || !hasQuorum(context.rack, cluster))
    throw new CommandFailure("error reading file: rpc error: code = Unavailable desc = etcdserver: no leader");
  const path = call.shell.path(line.words[2] ?? "db.snapshot");
  const objects = context.rack.collection(`kubernetes/${cluster.name}`).list().length;
  context.files.write(path, `simulated etcd snapshot of ${cluster.name}: ${objects} keys\n`, "600");
  return `etcd snapshot saved to "${path}" (${objects * 512 + 32} bytes)\n`;
}

function etcdLeave(talosctl: Talosctl): string {
  for (const { node } of open(talosctl)) leaveEtcd(talosctl.context.rack, node);
  return "";
}

function etcdRemoveMember(talosctl: Talosctl): string {
  const { rack } = talosctl.context;
  const [opened] = open(talosctl);
  const cluster = opened && clusterOf(rack, opened.node);
  const member = cluster?.members.find(({ machine }) => memberId(machine) === talosctl.line.words[2]);
  if (cluster === undefined || member === undefined)
    throw new CommandFailure("error: rpc error: code = NotFound desc = etcdserver: member not found");
  removeMember(rack, cluster, member.machine);
  return "";
}

async function upgrade(talosctl: Talosctl): Promise<string> {
  const { context, line } = talosctl;
  const opened = open(talosctl);
  for (const { node } of opened) {
    if (line.is("drain", true))
      throw new CommandFailure(
        "error: the simulated talosctl does not drain; drain with kubectl and give --drain=false",
      );
    context.rack.transaction(() => upgradeTalos(context.rack, node, line.get("image") ?? ""));
  }
  if (line.is("wait", true)) for (const { address } of opened) await untilUp(talosctl, address);
  return opened.map(({ address }) => `${address}: upgrade completed\n`).join("");
}

async function untilUp({ context }: Talosctl, address: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (nodeAt(context.rack, address)?.stage === "running") return;
    await context.sleep(5);
  }
  throw new CommandFailure("error: timeout: the node did not come back");
}

async function upgradeK8s(talosctl: Talosctl): Promise<string> {
  const { context, line } = talosctl;
  const [opened] = open(talosctl);
  if (opened === undefined) return "";
  const to = `v${(line.get("to") ?? "").replace(/^v/, "")}`;
  const ms = context.rack.transaction(() => upgradeKubernetes(context.rack, opened.node, to));
  await context.sleep(ms / 1000);
  return `updating kubelet to version "${to.slice(1)}"\n`;
}

function kubeconfig(talosctl: Talosctl): string {
  const { context, call, line } = talosctl;
  const [opened] = open(talosctl);
  if (opened === undefined) return "";
  try {
    const { raw } = issueKubeconfig(context.rack, { node: opened.address, client: opened.client });
    context.files.write(call.shell.path(line.words[1] ?? "kubeconfig"), raw, "600");
  } catch (error) {
    throw new CommandFailure(`error: ${(error as Error).message}`);
  }
  return "";
}

function reset(talosctl: Talosctl): string {
  const { rack } = talosctl.context;
  for (const { node } of open(talosctl)) {
    const cluster = clusterOf(rack, node);
    if (talosctl.line.is("graceful", true)) leaveEtcd(rack, node);
    // The Node object stays behind until somebody deletes it.
    if (cluster !== undefined) markNode(rack, cluster, node.hostname, { isGone: true });
    wipe(rack, node.machine);
  }
  return "";
}

const verbs: Readonly<Record<string, (talosctl: Talosctl) => string | Promise<string>>> = {
  version,
  "get extensions": extensions,
  "etcd members": etcdMembers,
  "etcd status": etcdStatus,
  "etcd snapshot": etcdSnapshot,
  "etcd leave": etcdLeave,
  "etcd remove-member": etcdRemoveMember,
  upgrade,
  "upgrade-k8s": upgradeK8s,
  kubeconfig,
  reset,
  reboot: (talosctl) => {
    for (const { node } of open(talosctl)) reboot(talosctl.context.rack, node);
    return "";
  },
};

/** One run of talosctl. */
export async function talosctl(context: HostContext, call: HostCall): Promise<number> {
  const line = readCobraLine(call.args, flags);
  const [first = "", second = ""] = line.words;
  const verb = verbs[`${first} ${second}`] ?? verbs[first];
  if (verb === undefined) throw new CommandFailure(`error: the simulated talosctl has no "${line.words.join(" ")}"`);
  try {
    call.stdout.write(await verb({ context, call, line }));
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure((error as Error).message);
  }
  return 0;
}
