// kubectl, as far as the program's scripts use it.
import { CommandFailure, type HostCall } from "../host/host-command.ts";
import type { HostContext } from "../host/installed-command.ts";
import { parseDurationSec } from "../providers/talos/durations.ts";
import { simulatedNow } from "../rack/clock.ts";
import { connect } from "../rack/kubernetes/api-server.ts";
import { applyObject, deleteObject } from "../rack/kubernetes/changes.ts";
import { clusterNodes } from "../rack/kubernetes/cluster-nodes.ts";
import { nodeLabels } from "../rack/kubernetes/node-labels.ts";
import { goneNodes, markNode, nodeMarks, unmarkNode } from "../rack/kubernetes/node-objects.ts";
import { kubeletProblem } from "../rack/kubernetes/node-ports.ts";
import type { Api, KubeObject } from "../rack/kubernetes/objects.ts";
import { listPods } from "../rack/kubernetes/pods.ts";
import { callLinstor } from "../rack/linstor/client.ts";
import { nodeAt, type TalosNode } from "../rack/talos/nodes.ts";
import { type CobraLine, readCobraLine, renderColumns } from "./command-line.ts";
import { JsonPathError, renderJsonPath } from "./json-path.ts";
import { drain } from "./kubectl-drain.ts";
import { changeMarks } from "./kubectl-marks.ts";
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
    "type",
    "patch",
    "raw",
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
  short: { n: "namespace", o: "output", l: "selector", A: "all-namespaces", s: "server", p: "patch" },
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

function get(kubectl: Kubectl): number {
  const { line, call, connect } = kubectl;
  const raw = line.get("raw");
  if (raw !== undefined) return getRaw(kubectl, raw);
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

/** `annotate` and `label`. */
function mark(kubectl: Kubectl, verb: "annotate" | "label"): number {
  const [, kind = "", ...rest] = kubectl.line.words;
  const isSlashed = kind.includes("/");
  const api = kubectl.connect();
  const name = requireNode(api, isSlashed ? kind.split("/")[1] : rest[0]);
  const changes = rest.slice(isSlashed ? 0 : 1);
  const isOverwriting = kubectl.line.is("overwrite");
  if (verb === "annotate") {
    const before = nodeMarks(api.rack, api.cluster, name).annotations;
    markNode(api.rack, api.cluster, name, { annotations: changeMarks(before, changes, "annotation", isOverwriting) });
  } else {
    const labels = nodeLabels(api.rack, api.cluster);
    labels.put(name, changeMarks(labels.get(name) ?? {}, changes, "label", isOverwriting));
  }
  kubectl.call.stdout.write(`node/${name} ${verb === "annotate" ? "annotated" : "labeled"}\n`);
  return 0;
}

function remove(kubectl: Kubectl): number {
  const [, kind = "", name = ""] = kubectl.line.words;
  const api = kubectl.connect();
  if (kind !== "node") return removeObject(kubectl, api, kind, name);
  const isThere = viewsOf(api, "node").some(({ metadata }) => metadata.name === name);
  if (!isThere && kubectl.line.is("ignore-not-found")) return 0;
  unmarkNode(api.rack, api.cluster, requireNode(api, name));
  kubectl.call.stdout.write(`node "${name}" deleted\n`);
  return 0;
}

/** A stored object of the namespace that was given; undefined: there is none, and that is no mistake. */
function objectOf({ line }: Kubectl, api: Api, kind: string, name: string): KubeObject | undefined {
  const namespace = line.get("namespace") ?? "default";
  const view = viewsOf(api, kind).find(
    ({ metadata }) => metadata.name === name && (metadata.namespace ?? namespace) === namespace,
  );
  if (view !== undefined) return view as View & KubeObject;
  if (line.is("ignore-not-found")) return undefined;
  throw new CommandFailure(`Error from server (NotFound): ${kind} "${name}" not found`);
}

function removeObject(kubectl: Kubectl, api: Api, kind: string, name: string): number {
  const found = objectOf(kubectl, api, kind, name);
  if (found === undefined) return 0;
  deleteObject(api, found.apiVersion, found.kind, found.metadata.namespace, name);
  kubectl.call.stdout.write(`${kind} "${name}" deleted\n`);
  return 0;
}

/** A merge of fields, which from then on are kubectl's. */
function patch(kubectl: Kubectl): number {
  const { line, call } = kubectl;
  const [, kind = "", name = ""] = line.words;
  if (line.get("type") !== "merge") throw new CommandFailure("error: the simulated kubectl patches with --type merge");
  const api = kubectl.connect();
  const found = objectOf(kubectl, api, kind, name);
  if (found === undefined) return 0;
  const change = JSON.parse(line.get("patch") ?? "{}") as Partial<KubeObject>;
  const { apiVersion, metadata } = found;
  try {
    const object = {
      apiVersion,
      kind: found.kind,
      ...change,
      metadata: { ...change.metadata, name, ...inNamespace(metadata) },
    };
    applyObject(api, object, { manager: "kubectl-patch", force: true, prunes: false });
  } catch (error) {
    throw new CommandFailure(`Error from server (Forbidden): ${(error as Error).message}`);
  }
  call.stdout.write(`${kind}/${name} patched\n`);
  return 0;
}

const inNamespace = ({ namespace }: View["metadata"]) => (namespace === undefined ? {} : { namespace });

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

/** The control plane whose API server is asked. */
function planeOf({ context: { rack }, line }: Kubectl): TalosNode | undefined {
  const server = line.get("server");
  return server === undefined ? undefined : nodeAt(rack, new URL(server).hostname);
}

/** `kubectl get --raw /api/v1/nodes/<name>/proxy/healthz`: a question that the API server hands on to the node's kubelet. */
function getRaw(kubectl: Kubectl, path: string): number {
  const [, name] = /^\/api\/v1\/nodes\/([^/]+)\/proxy\/healthz$/.exec(path) ?? [];
  if (name === undefined)
    throw new CommandFailure(`error: the simulated kubectl asks kubelets for /healthz, not ${path}`);
  const api = kubectl.connect();
  const node = clusterNodes(api.rack, api.cluster).find((one) => one.name === requireNode(api, name));
  const problem = node === undefined ? "no such kubelet" : kubeletProblem(api, planeOf(kubectl), node);
  if (problem !== undefined) throw new CommandFailure(`Error from server: ${problem}`);
  kubectl.call.stdout.write("ok");
  return 0;
}

/** `kubectl exec deploy/linstor-controller -- linstor …`: the one program of a pod that scripts run. */
async function exec(kubectl: Kubectl): Promise<number> {
  const { connect, line, call } = kubectl;
  const api = connect();
  const [, target, program, ...words] = line.words;
  if (target !== "deploy/linstor-controller" || program !== "linstor")
    throw new CommandFailure(
      `error: the simulated kubectl runs linstor in deploy/linstor-controller, and no ${program}`,
    );
  const pod = listPods(api).find(({ owner }) => `deploy/${owner.object.metadata.name}` === target);
  const problem = pod?.node === undefined ? undefined : kubeletProblem(api, planeOf(kubectl), pod.node);
  if (problem !== undefined) throw new CommandFailure(`Error from server: ${problem}`);
  const ran = await callLinstor(api, words);
  call.stdout.write(ran.stdout);
  call.stderr.write(ran.stderr);
  return ran.status;
}

const verbs: Readonly<Record<string, (kubectl: Kubectl) => number | Promise<number>>> = {
  get,
  annotate: (kubectl) => mark(kubectl, "annotate"),
  label: (kubectl) => mark(kubectl, "label"),
  exec,
  cordon: (kubectl) => cordon(kubectl, true),
  uncordon: (kubectl) => cordon(kubectl, false),
  delete: remove,
  patch,
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
