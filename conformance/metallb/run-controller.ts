// MetalLB's controller, with the flags, the account and the rights that its chart gives it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureProgram } from "../build-program.ts";
import type { ApiServer } from "../kubernetes/api-server.ts";
import { carry } from "./carry.ts";
import { inNamespace } from "./namespace.ts";
import { apiPort, metallbNamespace, programOf, runningPods } from "./pod.ts";

/** Of its webhooks, inside the namespace. */
const webhookPort = 9443;

/** Unix socket that leads to the API server. */
export const apiSocket = (server: ApiServer): string => join(server.processes.folder, "api.sock");

/** Starts the controller as the pod that the chart's deployment has become, and waits until its webhooks answer. */
export async function runMetallbController(server: ApiServer): Promise<void> {
  const { processes } = server;
  const pod = await processes.until(
    "the pod of MetalLB's controller runs",
    async () => (await runningPods(server, "controller"))[0],
  );
  const { flags, environment } = await programOf(server, pod);
  // The webhooks look for their certificate below the folder for temporary files.
  const certificates = join(processes.folder, "k8s-webhook-server/serving-certs");
  mkdirSync(certificates, { recursive: true });
  processes.own(carry({ path: apiSocket(server) }, { host: "127.0.0.1", port: server.port }));
  const inside = [
    join(import.meta.dirname, "inside.ts"),
    apiSocket(server),
    apiPort,
    server.clusterSocket,
    webhookPort,
  ];
  const program = [await ensureProgram("metallb"), ...flags, `--cert-dir=${certificates}`];
  processes.start(
    "metallb-controller",
    "unshare",
    [...inNamespace, process.execPath, ...inside.map(String), ...program],
    {
      ...environment,
      TMPDIR: processes.folder,
    },
  );
  await processes.until("MetalLB has made its certificate", () => mountCertificate(server, certificates));
  await processes.until("MetalLB's webhooks answer", () => webhooksAnswer(server));
}

/** What the kubelet does: the controller writes a secret, and waits for it to come back as files. */
async function mountCertificate({ api }: ApiServer, folder: string): Promise<true | undefined> {
  const { body } = await api.send("GET", `/api/v1/namespaces/${metallbNamespace}/secrets/metallb-webhook-cert`);
  const data = (body["data"] ?? {}) as Record<string, string>;
  if (data["tls.crt"] === undefined) return undefined;
  for (const [name, value] of Object.entries(data)) writeFileSync(join(folder, name), Buffer.from(value, "base64"));
  return true;
}

async function webhooksAnswer({ api }: ApiServer): Promise<true | undefined> {
  const probe = {
    apiVersion: "metallb.io/v1beta1",
    kind: "L2Advertisement",
    metadata: { name: "probe", namespace: metallbNamespace },
    spec: {},
  };
  const path = `/apis/metallb.io/v1beta1/namespaces/${metallbNamespace}/l2advertisements?dryRun=All`;
  const { status, body } = await api.send("POST", path, probe);
  if (status >= 300) throw new Error(String(body["message"]));
  return true;
}
