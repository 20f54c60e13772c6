// A Kubernetes API server with its etcd on loopback, for as long as a test runs. Nothing else of Kubernetes: what is stored stays as it is.
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureProgram } from "../build-program.ts";
import { KubernetesApi } from "./kubernetes-api.ts";

/** A running API server. */
export interface ApiServer {
  readonly api: KubernetesApi;
  /** Ends both processes and deletes what they stored. */
  stop(): Promise<void>;
}

const startTimeoutMs = 120_000;

/**
 * Starts etcd and the API server.
 * @param servicePrefix range of the cluster's services
 */
export async function startApiServer(servicePrefix: string): Promise<ApiServer> {
  const [etcd, kubernetes] = [await ensureProgram("etcd"), await ensureProgram("kubernetes")];
  const folder = mkdtempSync(join(tmpdir(), "kube-api-"));
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const token = randomBytes(16).toString("hex");
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const etcdUrl = `http://127.0.0.1:${client}`;
    children.push(run(etcd, etcdFlags(folder, etcdUrl, `http://127.0.0.1:${peer}`), join(folder, "etcd.log")));
    const flags = apiServerFlags({ folder, etcdUrl, port: secure, token, servicePrefix });
    children.push(run(kubernetes, flags, join(folder, "apiserver.log")));
    const api = await connect(`https://127.0.0.1:${secure}`, token, folder, children);
    return { api, stop };
  } catch (error) {
    const log = readFileSync(join(folder, "apiserver.log"), "utf8").trim().split("\n").slice(-5).join("\n");
    await stop();
    throw new Error(`the API server did not come up: ${error instanceof Error ? error.message : error}\n${log}`);
  }
}

function etcdFlags(folder: string, url: string, peer: string): string[] {
  return [
    ...["--data-dir", join(folder, "etcd")],
    ...["--listen-client-urls", url, "--advertise-client-urls", url],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`],
    // Nothing here outlives the test.
    "--unsafe-no-fsync",
  ];
}

interface Setup {
  readonly folder: string;
  readonly etcdUrl: string;
  readonly port: number;
  readonly token: string;
  readonly servicePrefix: string;
}

function apiServerFlags({ folder, etcdUrl, port, token, servicePrefix }: Setup): string[] {
  const key = join(folder, "service-account.key");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  const tokens = join(folder, "tokens.csv");
  writeFileSync(tokens, `${token},conformance,conformance,system:masters\n`, { mode: 0o600 });
  return [
    `--etcd-servers=${etcdUrl}`,
    "--bind-address=127.0.0.1",
    // Written into a certificate only; loopback is refused here.
    "--advertise-address=192.0.2.1",
    "--endpoint-reconciler-type=none",
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, "certificates")}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=RBAC",
    // As Talos starts it; who may use it is decided by namespace (pod security).
    "--allow-privileged=true",
    `--service-cluster-ip-range=${servicePrefix}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
  ];
}

async function connect(
  url: string,
  token: string,
  folder: string,
  children: readonly ChildProcess[],
): Promise<KubernetesApi> {
  const until = Date.now() + startTimeoutMs;
  let last = "";
  while (Date.now() < until) {
    const dead = children.find(({ exitCode }) => exitCode !== null);
    if (dead !== undefined) throw new Error(`a process ended with exit code ${dead.exitCode}`);
    try {
      const certificate = readFileSync(join(folder, "certificates", "apiserver.crt"), "utf8");
      const api = new KubernetesApi(url, token, certificate);
      if ((await api.send("GET", "/readyz")).status === 200) return api;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`not ready after ${startTimeoutMs / 1000} s; ${last}`);
}

function run(program: string, flags: readonly string[], log: string): ChildProcess {
  const child = spawn(program, flags, { stdio: ["ignore", "pipe", "pipe"] });
  const file = createWriteStream(log);
  child.stdout?.pipe(file);
  child.stderr?.pipe(file);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  // A server in the midst of its start takes its time to leave.
  const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
  await ended;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
