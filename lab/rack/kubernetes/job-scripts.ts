// Runs what a Job's pod runs: scripts out of a ConfigMap, in the simulated shell, with the commands that their images hold, and `kubectl label`.
import { setTimeout as wait } from "node:timers/promises";
import { fileContentCommands } from "../../host/commands/file-content.ts";
import { fileCommands } from "../../host/commands/files.ts";
import { textCommands } from "../../host/commands/text.ts";
import type { HostCommand } from "../../host/host-command.ts";
import { RackFiles } from "../../host/rack-files.ts";
import { runScript } from "../../host/shell/run.ts";
import type { ShellHost } from "../../host/shell/state.ts";
import { Collector } from "../../host/shell/streams.ts";
import { jumpTo, simulatedNow } from "../clock.ts";
import { KILLED, runWithFaults, ScriptKilled, type Unanswered } from "../command-faults.ts";
import { callLinstor } from "../linstor/client.ts";
import { reconcileLinstor } from "../linstor/operator.ts";
import { saveEtcd } from "../talos/etcd-data.ts";
import { forbidden, isPermitted } from "./access.ts";
import { clusterNodes } from "./cluster-nodes.ts";
import { fileOf } from "./job-programs.ts";
import { nodeLabels } from "./node-labels.ts";
import type { Api } from "./objects.ts";
import type { Container, PodSpec } from "./pod-spec.ts";

/** A pod to run. */
interface ScriptedPod {
  readonly namespace: string;
  readonly spec: PodSpec;
}

/** How a pod ended. */
export interface PodRun {
  readonly status: number;
  /** Everything it printed. */
  readonly log: string;
}

function shellHost(api: Api, pod: ScriptedPod): ShellHost {
  const { rack } = api;
  const files = new RackFiles(rack, `pod:${pod.namespace}`);
  const sleep = async (seconds: number) => {
    const until = simulatedNow(rack) + seconds * 1000;
    rack.transaction(() => jumpTo(rack, until));
    await wait(seconds * 1000 * rack.settings.latencyScale);
    rack.transaction(() => reconcileLinstor(api));
  };
  const context = { rack, host: `pod:${pod.namespace}`, files, sleep };
  const texts = { ...fileCommands(context), ...fileContentCommands(context), ...textCommands(context) };
  const linstor: HostCommand = async ({ args, stdout, stderr }) => {
    const run = await callLinstor(api, args);
    stdout.write(run.stdout);
    stderr.write(run.stderr);
    return run.status;
  };
  const pause: HostCommand = async ({ args }) => {
    await sleep(Number(args[0] ?? 0));
    return 0;
  };
  const date: HostCommand = ({ stdout }) => {
    stdout.write(`${new Date(simulatedNow(rack)).toISOString().replaceAll(/[-:]|\.\d+/g, "")}\n`);
    return 0;
  };
  const own: Readonly<Record<string, HostCommand>> = { linstor, sleep: pause, date };
  return { files, sleep, command: (name) => own[name] ?? texts[name]?.run };
}

async function runShell(api: Api, pod: ScriptedPod, container: Container): Promise<PodRun> {
  const [, path = "", inline] = container.command ?? [];
  const script = path === "-c" ? inline : api.rack.transaction(() => fileOf(api, pod, path, container));
  if (script === undefined) return { status: 2, log: `sh: 0: cannot open ${path}: No such file` };
  const files = new RackFiles(api.rack, `pod:${pod.namespace}`);
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((candidate) => candidate.name === name);
    if (volume?.configMap === undefined && volume?.secret === undefined) files.makeDirectory(mountPath);
  }
  const output = new Collector();
  const environment = { PATH: "/usr/bin:/bin" };
  try {
    const status = await runScript({ script, host: shellHost(api, pod), environment, stdout: output, stderr: output });
    return { status, log: output.text };
  } catch (error) {
    if (!(error instanceof ScriptKilled)) throw error;
    return { status: KILLED, log: `${output.text}${error.message}\n` };
  }
}

const apiServerAway = { stdout: "", stderr: "The connection to the server was refused", status: 1 };
const apiServerSilent: Unanswered = {
  refused: apiServerAway,
  silent: { ...apiServerAway, stderr: "Unable to connect to the server: net/http: request canceled" },
  patienceSec: 0,
};

/** The same, which faults may hit. */
async function labelWithFaults(api: Api, pod: ScriptedPod, args: readonly string[]): Promise<PodRun> {
  const line = ["kubectl", "label", "nodes", ...args].join(" ");
  try {
    const { status, stdout, stderr } = await runWithFaults(api.rack, line, apiServerSilent, () => {
      const { status, log } = api.rack.transaction(() => label(api, pod, args));
      return { status, stdout: log, stderr: "" };
    });
    return { status, log: stdout + stderr };
  } catch (error) {
    if (!(error instanceof ScriptKilled)) throw error;
    return { status: KILLED, log: error.message };
  }
}

/** `kubectl label nodes <name>… <key>=<value>… --overwrite`. */
function label(api: Api, pod: ScriptedPod, args: readonly string[]): PodRun {
  const attempt = {
    namespace: pod.namespace,
    account: pod.spec.serviceAccountName ?? "default",
    verb: "patch",
    group: "",
    resource: "nodes",
    isClusterScoped: true,
  };
  if (!isPermitted(api, attempt)) return { status: 1, log: `Error from server (Forbidden): ${forbidden(attempt)}` };
  const words = args.filter((word) => !word.startsWith("--"));
  const pairs = words.filter((word) => word.includes("=")).map((word) => word.split("=") as [string, string]);
  const present = clusterNodes(api.rack, api.cluster).map(({ name }) => name);
  const named = words.filter((word) => !word.includes("="));
  for (const name of named.filter((candidate) => present.includes(candidate))) {
    const labels = nodeLabels(api.rack, api.cluster);
    labels.put(name, { ...labels.get(name), ...Object.fromEntries(pairs) });
  }
  reconcileLinstor(api);
  const absent = named.filter((name) => !present.includes(name));
  const log = absent.map((name) => `Error from server (NotFound): nodes "${name}" not found`).join("\n");
  return { status: absent.length === 0 ? 0 : 1, log };
}

/** `talosctl … etcd snapshot <path>`, by the account whose talosconfig is mounted. */
function saveEtcdTo(api: Api, pod: ScriptedPod, { args = [] }: Container): PodRun {
  const path = args.at(-1) ?? "";
  if (!pod.spec.volumes?.some(({ secret }) => secret !== undefined))
    return { status: 1, log: "error: no context is set" };
  const snapshot = saveEtcd(api.rack, api.cluster);
  new RackFiles(api.rack, `pod:${pod.namespace}`).write(path, snapshot, "600");
  return { status: 0, log: `etcd snapshot saved to "${path}" (${snapshot.length} bytes)\n` };
}

/** Runs a pod's containers, the initial ones first; ends with the first that fails. */
export async function runScriptedPod(api: Api, pod: ScriptedPod): Promise<PodRun> {
  let log = "";
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    const [command, verb, ...args] = container.command ?? [];
    const isLabel = command === "kubectl" && verb === "label" && args[0] === "nodes";
    const isSnapshot =
      /\/talosctl:/.test(container.image ?? "") && (container.args ?? []).join(" ").includes("etcd snapshot");
    const run = isSnapshot
      ? api.rack.transaction(() => saveEtcdTo(api, pod, container))
      : isLabel
        ? await labelWithFaults(api, pod, args.slice(1))
        : command === "sh" || command === "/bin/sh"
          ? await runShell(api, pod, container)
          : { status: 0, log: "" };
    log += run.log;
    if (run.status !== 0) return { status: run.status, log };
  }
  return { status: 0, log };
}
