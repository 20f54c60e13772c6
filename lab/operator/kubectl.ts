// kubectl, as far as the program's scripts use it.
import { CommandFailure, type HostCall } from "../host/host-command.ts";
import type { HostContext } from "../host/installed-command.ts";
import { parseDurationSec } from "../providers/talos/durations.ts";
import { simulatedNow } from "../rack/clock.ts";
import { connect } from "../rack/kubernetes/api-server.ts";
import { clusterNodes } from "../rack/kubernetes/cluster-nodes.ts";
import { goneNodes, markNode, nodeMarks, unmarkNode } from "../rack/kubernetes/node-objects.ts";
import type { Api } from "../rack/kubernetes/objects.ts";
import { runLinstor } from "../rack/linstor/client.ts";
import { type CobraLine, readCobraLine, renderColumns } from "./command-line.ts";
import { JsonPathError, renderJsonPath } from "./json-path.ts";
import { drain } from "./kubectl-drain.ts";
import { isReady, type View, viewsOf } from "./kubernetes-view.ts";

const flags = {
  values: [
    "kubeconfig",
    "server",
    "namespace",
    "output",
    "selector",
    "timeout",
    "for",
    "request-timeout",
    "grace-period",
  ],
  switches: [
    "all-namespaces",
    "ignore-not-found",
    "ignore-daemonsets",
    "delete-emptydir-data",
    "force",
    "overwrite",
    "wait",
  ],
  short: { n: "namespace", o: "output", l: "selector", A: "all-namespaces", s: "server" },
} as const;

interface Kubectl {
  readonly context: HostContext;
  readonly call: HostCall;
  readonly line: CobraLine;
  connect(): Api;
}

function api({ context, call }: Pick<Kubectl, "context" | "call">, line: CobraLine): Api {
  const path = line.get("kubeconfig") ?? call.shell.variables.get("KUBECONFIG") ?? "/root/.kube/config";
  const text = context.files.read(call.shell.path(path));
  if (text === undefined)
    throw new CommandFailure(
      "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
    );
  const server = line.get("server");
  try {
    return connect(context.rack, server === undefined ? text : text.replace(/server: \S+/, `server: ${server}`));
  } catch (error) {
    throw new CommandFailure(`Unable to connect to the server: ${(error as Error).message}`);
  }
}

const wordOf = (view: View) => view.kind.toLowerCase();

function get({ line, call, connect }: Kubectl): number {
  const [, typed = "", ...names] = line.words;
  const [kinds, name] = typed.includes("/") ? typed.split("/") : [typed, names[0]];
  const found = (kinds ?? "").split(",").flatMap((kind) => viewsOf(connect(), kind));
  const selector = Object.fromEntries(
    (line.get("selector") ?? "")
      .split(",")
      .filter((part) => part !== "")
      .map((part) => part.split("=")),
  );
  const namespace = line.get("namespace");
  const views = found.filter(
    ({ metadata }) =>
      (name === undefined || metadata.name === name) &&
      (line.is("all-namespaces") ||
        metadata.namespace === undefined ||
        metadata.namespace === (namespace ?? "default")) &&
      Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value),
  );
  if (name !== undefined && views.length === 0) {
    if (line.is("ignore-not-found")) return 0;
    throw new CommandFailure(`Error from server (NotFound): ${kinds} "${name}" not found`);
  }
  call.stdout.write(shown(line.get("output") ?? "", name === undefined ? { items: views } : views[0], views));
  return 0;
}

function shown(output: string, value: unknown, views: readonly View[]): string {
  if (output === "name") return views.map((view) => `${wordOf(view)}/${view.metadata.name}\n`).join("");
  if (output.startsWith("jsonpath=")) {
    try {
      return renderJsonPath(output.slice("jsonpath=".length), value);
    } catch (error) {
      if (error instanceof JsonPathError) throw new CommandFailure(`error: ${error.message}`);
      throw error;
    }
  }
  return views.length === 0 ? "" : renderColumns([["NAME"], ...views.map(({ metadata }) => [metadata.name])]);
}

function requireNode(api: Api, name: string | undefined): string {
  const names = [...clusterNodes(api.rack, api.cluster).map((node) => node.name), ...goneNodes(api.rack, api.cluster)];
  if (name === undefined || !names.includes(name))
    throw new CommandFailure(`Error from server (NotFound): nodes "${name ?? ""}" not found`);
  return name;
}

const nameOf = ({ line }: Kubectl, position = 1) => (line.words[position] ?? "").replace(/^nodes?\//, "");

function cordon(kubectl: Kubectl, isCordoned: boolean): number {
  const api = kubectl.connect();
  const name = requireNode(api, nameOf(kubectl));
  markNode(api.rack, api.cluster, name, {
    isCordoned,
    cordonedAt: simulatedNow(api.rack),
    ...(isCordoned ? {} : { isDrained: false }),
  });
  kubectl.call.stdout.write(`node/${name} ${isCordoned ? "cordoned" : "uncordoned"}\n`);
  return 0;
}

function annotate(kubectl: Kubectl): number {
  const [, kind = "", ...rest] = kubectl.line.words;
  const isSlashed = kind.includes("/");
  const api = kubectl.connect();
  const name = requireNode(api, isSlashed ? kind.split("/")[1] : rest[0]);
  const annotations: Record<string, string> = { ...nodeMarks(api.rack, api.cluster, name).annotations };
  for (const change of rest.slice(isSlashed ? 0 : 1)) {
    const [key = "", value] = change.split(/=(.*)/s);
    if (value === undefined) delete annotations[key.replace(/-$/, "")];
    else if (annotations[key] !== undefined && annotations[key] !== value && !kubectl.line.is("overwrite"))
      throw new CommandFailure(
        `error: --overwrite is false but found the following declared annotation(s): '${key}' already has a value (${annotations[key]})`,
      );
    else annotations[key] = value;
  }
  markNode(api.rack, api.cluster, name, { annotations });
  kubectl.call.stdout.write(`node/${name} annotated\n`);
  return 0;
}

function remove(kubectl: Kubectl): number {
  const [, kind, name] = kubectl.line.words;
  const api = kubectl.connect();
  if (kind !== "node") throw new CommandFailure(`error: the simulated kubectl deletes nodes, no ${kind ?? ""}`);
  const isThere = viewsOf(api, "node").some(({ metadata }) => metadata.name === name);
  if (!isThere && kubectl.line.is("ignore-not-found")) return 0;
  unmarkNode(api.rack, api.cluster, requireNode(api, name));
  kubectl.call.stdout.write(`node "${name}" deleted\n`);
  return 0;
}

async function waitForReady(kubectl: Kubectl): Promise<number> {
  const { context, line } = kubectl;
  const timeoutSec = parseDurationSec(line.get("timeout")) ?? 30;
  if (line.get("for") !== "condition=Ready")
    throw new CommandFailure(`error: the simulated kubectl waits for condition=Ready only`);
  const deadline = simulatedNow(context.rack) + timeoutSec * 1000;
  for (;;) {
    const api = kubectl.connect();
    const name = requireNode(api, nameOf(kubectl));
    const node = clusterNodes(api.rack, api.cluster).find((candidate) => candidate.name === name);
    if (node !== undefined && isReady(api, node)) {
      kubectl.call.stdout.write(`node/${name} condition met\n`);
      return 0;
    }
    if (simulatedNow(context.rack) >= deadline)
      throw new CommandFailure(`error: timed out waiting for the condition on nodes/${name}`);
    await context.sleep(5);
  }
}

/** `kubectl exec deploy/linstor-controller -- linstor …`: the one program of a pod that scripts run. */
function exec({ connect, line, call }: Kubectl): number {
  const api = connect();
  const [, target, program, ...words] = line.words;
  if (target !== "deploy/linstor-controller" || program !== "linstor")
    throw new CommandFailure(
      `error: the simulated kubectl runs linstor in deploy/linstor-controller, and no ${program}`,
    );
  const ran = runLinstor(api, words);
  call.stdout.write(ran.stdout);
  call.stderr.write(ran.stderr);
  return ran.status;
}

const verbs: Readonly<Record<string, (kubectl: Kubectl) => number | Promise<number>>> = {
  get,
  annotate,
  exec,
  cordon: (kubectl) => cordon(kubectl, true),
  uncordon: (kubectl) => cordon(kubectl, false),
  delete: remove,
  wait: waitForReady,
  async drain(kubectl) {
    const { context, call, line } = kubectl;
    const name = requireNode(kubectl.connect(), nameOf(kubectl));
    if (!line.is("ignore-daemonsets"))
      throw new CommandFailure(
        `error: unable to drain node "${name}" due to error: cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)`,
      );
    await drain(context, call, () => kubectl.connect(), name, parseDurationSec(line.get("timeout")) ?? 86_400);
    return 0;
  },
};

/** One run of kubectl. */
export async function kubectl(context: HostContext, call: HostCall): Promise<number> {
  const line = readCobraLine(call.args, flags);
  const verb = verbs[line.words[0] ?? ""];
  if (verb === undefined) throw new CommandFailure(`error: the simulated kubectl has no "${line.words.join(" ")}"`);
  return verb({ context, call, line, connect: () => api({ context, call }, line) });
}
