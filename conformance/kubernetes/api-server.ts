// A Kubernetes API server with its etcd on loopback, for as long as a test runs. Alone it only stores; controllers.ts gives it the rest.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureProgram } from "../build-program.ts";
import { KubernetesApi } from "./kubernetes-api.ts";
import { freePort, Processes } from "./processes.ts";

/** What the server is told. */
export interface ApiServerSettings {
  /** Range of the cluster's services. */
  readonly servicePrefix: string;
  /** Configuration of admission plugins by name. @default - as Kubernetes has it, without a limit for pods */
  readonly admission?: Readonly<Record<string, object>>;
}

/** A running API server. */
export interface ApiServer {
  readonly api: KubernetesApi;
  readonly port: number;
  /** It and whatever is started beside it. */
  readonly processes: Processes;
  /** Unix socket that it asks for a way to the services of the cluster (HTTP CONNECT); nobody need listen. */
  readonly clusterSocket: string;
  /** PEM file that signs its certificate, and the one that signs tokens of service accounts. */
  readonly files: { readonly certificate: string; readonly serviceAccountKey: string };
  /** Writes a kubeconfig; without a token it is the administrator's. */
  kubeconfig(name: string, token?: string, port?: number): string;
  stop(): Promise<void>;
}

/** The name its certificate is for. */
const serverName = "kubernetes.default.svc";

/** Starts etcd and the API server. */
export async function startApiServer(settings: ApiServerSettings): Promise<ApiServer> {
  const [etcd, kubernetes] = [await ensureProgram("etcd"), await ensureProgram("kubernetes")];
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const processes = new Processes();
  const at = (name: string): string => join(processes.folder, name);
  const token = randomBytes(16).toString("hex");
  const files = { certificate: at("certificates/apiserver.crt"), serviceAccountKey: at("service-account.key") };
  const clusterSocket = at("cluster.sock");
  try {
    const etcdUrl = `http://127.0.0.1:${client}`;
    processes.start("etcd", etcd, etcdFlags(at("etcd"), etcdUrl, `http://127.0.0.1:${peer}`));
    writeFiles(at, settings, { token, clusterSocket });
    processes.start("kube-apiserver", kubernetes, [
      "kube-apiserver",
      `--etcd-servers=${etcdUrl}`,
      "--bind-address=127.0.0.1",
      // Written into a certificate only; loopback is refused here.
      "--advertise-address=192.0.2.1",
      "--endpoint-reconciler-type=none",
      `--secure-port=${port}`,
      `--cert-dir=${at("certificates")}`,
      `--token-auth-file=${at("tokens.csv")}`,
      "--authorization-mode=Node,RBAC",
      // As Talos starts it; who may use it is decided by namespace (pod security).
      "--allow-privileged=true",
      `--admission-control-config-file=${at("admission.json")}`,
      `--egress-selector-config-file=${at("egress.json")}`,
      `--service-cluster-ip-range=${settings.servicePrefix}`,
      `--service-account-issuer=https://${serverName}`,
      `--service-account-key-file=${files.serviceAccountKey}`,
      `--service-account-signing-key-file=${files.serviceAccountKey}`,
    ]);
    const api = await processes.until("the API server comes up", async () => {
      const made = new KubernetesApi(`https://127.0.0.1:${port}`, token, readFileSync(files.certificate, "utf8"));
      return (await made.send("GET", "/readyz")).status === 200 ? made : undefined;
    });
    const kubeconfig = (name: string, userToken = token, seenPort = port): string => {
      const certificate = readFileSync(files.certificate, "utf8");
      const file = at(`${name}.kubeconfig`);
      writeFileSync(file, JSON.stringify(kubeconfigOf(seenPort, certificate, userToken)), { mode: 0o600 });
      return file;
    };
    return { api, port, processes, clusterSocket, files, kubeconfig, stop: () => processes.stop() };
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

function etcdFlags(folder: string, url: string, peer: string): string[] {
  return [
    ...["--data-dir", folder],
    ...["--listen-client-urls", url, "--advertise-client-urls", url],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`],
    // Nothing here outlives the test.
    "--unsafe-no-fsync",
  ];
}

function writeFiles(
  at: (name: string) => string,
  { admission = {} }: ApiServerSettings,
  { token, clusterSocket }: { readonly token: string; readonly clusterSocket: string },
): void {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(at("service-account.key"), privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  writeFileSync(at("tokens.csv"), `${token},conformance,conformance,system:masters\n`, { mode: 0o600 });
  const plugins = Object.entries(admission).map(([name, configuration]) => ({ name, configuration }));
  const admissionFile = { apiVersion: "apiserver.config.k8s.io/v1", kind: "AdmissionConfiguration", plugins };
  writeFileSync(at("admission.json"), JSON.stringify(admissionFile));
  // Addresses of services lead nowhere on this machine: whoever plays a webhook listens on the socket.
  const connection = { proxyProtocol: "HTTPConnect", transport: { uds: { udsName: clusterSocket } } };
  const egressFile = {
    apiVersion: "apiserver.k8s.io/v1beta1",
    kind: "EgressSelectorConfiguration",
    egressSelections: [{ name: "cluster", connection }],
  };
  writeFileSync(at("egress.json"), JSON.stringify(egressFile));
}

/** JSON is YAML too. */
function kubeconfigOf(port: number, certificate: string, token: string): object {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": Buffer.from(certificate).toString("base64"),
    "tls-server-name": serverName,
  };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "conformance", cluster }],
    users: [{ name: "conformance", user: { token } }],
    contexts: [{ name: "conformance", context: { cluster: "conformance", user: "conformance" } }],
    "current-context": "conformance",
  };
}
