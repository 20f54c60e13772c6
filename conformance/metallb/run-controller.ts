// MetalLB's controller, with the flags, the account and the rights that its chart gives it. It listens on every address of its machine, so it
// gets a machine of its own: a network namespace, from which only the API server can be reached.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../../tools/engine/run-command.mjs";
import { ensureProgram } from "../build-program.ts";
import type { ApiServer } from "../kubernetes/api-server.ts";
import { carry } from "./carry.ts";

const namespace = "metallb-system";
const deployment = "metallb-controller";
/** Both inside the namespace. */
const ports = { api: 6443, webhooks: 9443 };

/** Makes a network namespace with a loopback and runs a command in it; for who is not root, as root of nothing else. */
const inNamespace = ["--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];

/** Whether there can be a network namespace; if not, the reason is on stderr. */
export async function canIsolate(): Promise<boolean> {
  const { code, stderr } = await capture("unshare", [...inNamespace, "true"]);
  if (code !== 0) console.error(`MetalLB cannot run, there can be no network namespace: ${stderr.trim()}`);
  return code === 0;
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly containers: readonly {
      readonly args: readonly string[];
      readonly env: readonly { readonly name: string; readonly value?: string }[];
    }[];
  };
  readonly status: { readonly phase?: string };
}

/** Starts the controller as the pod that the chart's deployment has become, and waits until its webhooks answer. */
export async function runMetallbController(server: ApiServer): Promise<void> {
  const { api, processes } = server;
  const pod = await processes.until("the pod of MetalLB's controller runs", () => runningPod(server));
  const [container] = pod.spec.containers;
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${pod.spec.serviceAccountName}/token`;
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const { body } = await api.send("POST", account, request);
  const { token } = body["status"] as { token: string };
  const given = (container?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
  const environment: Record<string, string> = {
    ...Object.fromEntries(given),
    METALLB_POD_NAME: pod.metadata.name,
    METALLB_NAMESPACE: namespace,
    KUBECONFIG: server.kubeconfig("metallb", token, ports.api),
    TMPDIR: processes.folder,
    PATH: process.env["PATH"] ?? "",
  };
  const certificates = join(processes.folder, "k8s-webhook-server/serving-certs");
  mkdirSync(certificates, { recursive: true });

  const apiSocket = join(processes.folder, "api.sock");
  processes.own(carry({ path: apiSocket }, { host: "127.0.0.1", port: server.port }));
  const inside = [join(import.meta.dirname, "inside.ts"), apiSocket, ports.api, server.clusterSocket, ports.webhooks];
  processes.start(
    "metallb",
    "unshare",
    [
      ...inNamespace,
      ...[process.execPath, ...inside.map(String), await ensureProgram("metallb")],
      ...(container?.args ?? []),
      `--cert-dir=${certificates}`,
    ],
    environment,
  );
  await processes.until("MetalLB has made its certificate", () => mountCertificate(server, certificates));
  await processes.until("MetalLB's webhooks answer", () => webhooksAnswer(server));
}

async function runningPod({ api }: ApiServer): Promise<Pod | undefined> {
  const selector = encodeURIComponent("app.kubernetes.io/component=controller");
  const { body } = await api.send("GET", `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  return (body["items"] as Pod[]).find(
    ({ metadata, status }) => metadata.name.startsWith(`${deployment}-`) && status.phase === "Running",
  );
}

/** What the kubelet does: the controller writes a secret, and waits for it to come back as files. */
async function mountCertificate({ api }: ApiServer, folder: string): Promise<true | undefined> {
  const { body } = await api.send("GET", `/api/v1/namespaces/${namespace}/secrets/metallb-webhook-cert`);
  const data = (body["data"] ?? {}) as Record<string, string>;
  if (data["tls.crt"] === undefined) return undefined;
  for (const [name, value] of Object.entries(data)) writeFileSync(join(folder, name), Buffer.from(value, "base64"));
  return true;
}

async function webhooksAnswer({ api }: ApiServer): Promise<true | undefined> {
  const probe = {
    apiVersion: "metallb.io/v1beta1",
    kind: "L2Advertisement",
    metadata: { name: "probe", namespace },
    spec: {},
  };
  const path = `/apis/metallb.io/v1beta1/namespaces/${namespace}/l2advertisements?dryRun=All`;
  const { status, body } = await api.send("POST", path, probe);
  if (status >= 300) throw new Error(String(body["message"]));
  return true;
}
