// talosctl, as far as the program's scripts use it (flags and outputs of siderolabs/talos v1.13, cmd/talosctl/cmd/talos).
import { CommandFailure, type HostCall } from "../host/host-command.ts";
import type { HostContext } from "../host/installed-command.ts";
import { markNode } from "../rack/kubernetes/node-objects.ts";
import { clusterOf, leaveEtcd } from "../rack/talos/cluster.ts";
import { wipeData } from "../rack/talos/etcd-data.ts";
import { issueKubeconfig } from "../rack/talos/kubeconfig.ts";
import { nodeAt, wipe } from "../rack/talos/nodes.ts";
import { shutDown } from "../rack/talos/shutdown.ts";
import { reboot, upgradeKubernetes, upgradeTalos } from "../rack/talos/upgrade.ts";
import { readCobraLine, renderColumns } from "./command-line.ts";
import { answering, openNodes, type Talosctl, unavailable } from "./talosctl-connection.ts";
import { etcdVerbs } from "./talosctl-etcd.ts";
import { secretsVerbs } from "./talosctl-secrets.ts";

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
    "recover-from",
    "namespace",
    "output",
    "from-controlplane-config",
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
  short: { n: "nodes", o: "output", e: "endpoints", i: "image", f: "force", m: "merge" },
} as const;

function version(talosctl: Talosctl): string {
  const { line } = talosctl;
  const head = "Client:\n\tTag:         v1.13.0\n\tSHA:         simulated\nServer:\n";
  const shown = (address: string, tag: string) =>
    `\tNODE:        ${address}\n\tTag:         ${tag}\n\tOS/Arch:     linux/amd64\n\tEnabled:     RBAC\n`;
  if (!line.is("insecure"))
    return (
      head +
      openNodes(talosctl)
        .map(({ node, address }) => shown(address, node.installation?.version ?? ""))
        .join("")
    );
  const address = line.get("nodes") ?? line.get("endpoints") ?? "";
  const node = answering(talosctl, address);
  if (node.stage !== "maintenance")
    unavailable(
      address,
      'connection error: desc = "error reading server preface: remote error: tls: certificate required"',
    );
  return head + shown(address, node.machine.medium?.version ?? "");
}

function extensions(talosctl: Talosctl): string {
  const rows = openNodes(talosctl).map(({ node, address }) => [
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

/** As YAML, whatever is asked for: no script reads another form. */
function volumeStatus(talosctl: Talosctl): string {
  const volume = talosctl.line.words[2] ?? "";
  const documents = openNodes(talosctl).map(({ node, address }) => {
    const isEncrypted = node.installation?.encrypted?.includes(volume) === true;
    const encryption = isEncrypted ? "    encryptionProvider: luks2\n" : "";
    return `node: ${address}\nmetadata:\n    namespace: runtime\n    type: VolumeStatuses.block.talos.dev\n    id: ${volume}\nspec:\n    phase: ready\n${encryption}`;
  });
  return documents.join("---\n");
}

async function upgrade(talosctl: Talosctl): Promise<string> {
  const { context, line } = talosctl;
  const opened = openNodes(talosctl);
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
  const [opened] = openNodes(talosctl);
  if (opened === undefined) return "";
  const to = `v${(line.get("to") ?? "").replace(/^v/, "")}`;
  const ms = context.rack.transaction(() => upgradeKubernetes(context.rack, opened.node, to));
  await context.sleep(ms / 1000);
  return `updating kubelet to version "${to.slice(1)}"\n`;
}

function kubeconfig(talosctl: Talosctl): string {
  const { context, call, line } = talosctl;
  const [opened] = openNodes(talosctl);
  if (opened === undefined) return "";
  try {
    const { raw } = issueKubeconfig(context.rack, { node: opened.address, client: opened.client });
    context.files.write(call.shell.path(line.words[1] ?? "kubeconfig"), raw, "600");
  } catch (error) {
    throw new CommandFailure(`error: ${(error as Error).message}`);
  }
  return "";
}

function shutdown(talosctl: Talosctl): string {
  if (!talosctl.line.is("force"))
    throw new CommandFailure("error: the simulated talosctl does not drain; give --force");
  // All are opened before the first goes: the endpoint may be one of them.
  for (const { node } of openNodes(talosctl)) shutDown(talosctl.context.rack, node);
  return "";
}

function reset(talosctl: Talosctl): string {
  const { rack } = talosctl.context;
  for (const { node } of openNodes(talosctl)) {
    const isGraceful = talosctl.line.is("graceful", true);
    const labels = talosctl.line.all("system-labels-to-wipe");
    if (labels.length > 0 && !labels.includes("STATE")) {
      // The configuration stays: the node comes up again and waits for etcd.
      rack.transaction(() => wipeData(rack, node, isGraceful));
      continue;
    }
    const cluster = clusterOf(rack, node);
    if (isGraceful) leaveEtcd(rack, node);
    // The Node object stays behind until somebody deletes it.
    if (cluster !== undefined) markNode(rack, cluster, node.hostname, { isGone: true });
    wipe(rack, node.machine);
  }
  return "";
}

const verbs: Readonly<Record<string, (talosctl: Talosctl) => string | Promise<string>>> = {
  version,
  "get extensions": extensions,
  "get volumestatus": volumeStatus,
  ...etcdVerbs,
  ...secretsVerbs,
  upgrade,
  "upgrade-k8s": upgradeK8s,
  kubeconfig,
  reset,
  shutdown,
  reboot: (talosctl) => {
    for (const { node } of openNodes(talosctl)) reboot(talosctl.context.rack, node);
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
