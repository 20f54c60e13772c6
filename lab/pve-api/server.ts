// The HTTP API of Proxmox VE over the rack: what the official Terraform provider talks to. It listens on this machine's own address only,
// speaks TLS, and wants an API token. What an endpoint means is in the files beside this one; what it does to the rack is the plug-in's.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Context } from "../plugin/contract.ts";
import { apiError } from "../providers/proxmoxve/api.ts";
import type { Rack } from "../rack/store.ts";
import { accessEndpoints } from "./access.ts";
import { aptEndpoints } from "./apt.ts";
import { cephEndpoints } from "./ceph.ts";
import { selfSigned } from "./certificate.ts";
import { clusterEndpoints } from "./cluster.ts";
import type { Endpoint, Parameters } from "./endpoint.ts";
import { firewallOptionEndpoints } from "./firewall-options.ts";
import { firewallRuleEndpoints } from "./firewall-rules.ts";
import { firewallSetEndpoints } from "./firewall-sets.ts";
import { networkEndpoints } from "./network.ts";
import { nodeEndpoints } from "./nodes.ts";
import { qemuEndpoints } from "./qemu.ts";
import { findEndpoint, refusedParameters } from "./router.ts";
import { storageEndpoints } from "./storage.ts";
import { reasonOf, Tasks, taskEndpoints } from "./tasks.ts";

/** What to serve. */
export interface PveApiOptions {
  readonly rack: Rack;
  /** Host of the rack whose API this is. @default - the rack's first by name */
  readonly host?: string;
  /** `user@realm!name=secret`: the only one that is let in. */
  readonly apiToken: string;
  /** Port on 127.0.0.1. @default - any free one */
  readonly port?: number;
}

/** A request that was answered. */
export interface Answered {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly reason: string;
}

/** A running API; `close` ends it. */
export interface PveApi {
  /** `https://127.0.0.1:<port>/` */
  readonly endpoint: string;
  /** The certificate, for clients that check it. */
  readonly certificate: string;
  /** Every request so far, in order. */
  readonly answered: readonly Answered[];
  close(): Promise<void>;
}

const ENDPOINTS: readonly Endpoint[] = [
  ...accessEndpoints,
  ...aptEndpoints,
  ...cephEndpoints,
  ...clusterEndpoints,
  ...firewallOptionEndpoints,
  ...firewallRuleEndpoints,
  ...firewallSetEndpoints,
  ...networkEndpoints,
  ...nodeEndpoints,
  ...qemuEndpoints,
  ...storageEndpoints,
  ...taskEndpoints,
];

const BASE = "/api2/json";

/** Serves the API of one host of a rack until it is closed. */
export async function servePveApi(options: PveApiOptions): Promise<PveApi> {
  const { rack, host, apiToken } = options;
  const entry = `${host === undefined ? "" : `${host}.`}${rack.name}.rack.invalid`;
  const context: Context = {
    ...{ rack, config: { endpoint: `https://${entry}:8006/` }, name: "", token: "", urn: "" },
    warn() {},
  };
  const tasks = new Tasks(apiToken.split("=")[0] ?? "");
  const answered: Answered[] = [];
  const { key, cert } = selfSigned(host ?? rack.name);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "https://127.0.0.1");
    const path = url.pathname.startsWith(BASE) ? url.pathname.slice(BASE.length) : url.pathname;
    const method = request.method ?? "GET";
    const body = await textOf(request);
    const answer = (status: number, reason: string, content: object): void => {
      answered.push({ method, path, status, reason });
      // The reason stands in the status line, where pveproxy puts it too: one line, no more than Latin-1.
      const line = reason.replace(/[^\x20-\x7e]+/g, " ").trim();
      response.writeHead(status, line, { "content-type": "application/json;charset=UTF-8" }).end(JSON.stringify(content));
    };
    if (request.headers.authorization !== `PVEAPIToken=${apiToken}`) {
      answer(401, request.headers.authorization ? "invalid token value!" : "No ticket", { data: null });
      return;
    }
    const found = findEndpoint(ENDPOINTS, method, path);
    if (found === undefined) {
      answer(501, `Method '${method} ${path}' not implemented`, { data: null });
      return;
    }
    const parameters: Parameters = Object.fromEntries([...url.searchParams, ...new URLSearchParams(body)]);
    const refused = refusedParameters(found.endpoint, parameters);
    if (Object.keys(refused).length > 0) {
      answer(400, "Parameter verification failed.", { data: null, errors: refused });
      return;
    }
    try {
      const data = rack.transaction(() =>
        found.endpoint.answer({
          context,
          path: found.path,
          parameters,
          // A task that dies leaves nothing half done behind.
          task: (node, type, id, work) => tasks.run(node, type, id, () => savepoint(rack, work)),
          taskState: (upid) => tasks.state(upid),
        }),
      );
      answer(200, "OK", { data: data ?? null });
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) {
        // Nobody answers: the way to the host is gone.
        answered.push({ method, path, status: 0, reason: reasonOf(error) });
        response.destroy();
      } else answer(failure.status, failure.reason, { data: null, ...(failure.errors && { errors: failure.errors }) });
    }
  };
  const server = createServer({ key, cert, minVersion: "TLSv1.3" }, (request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    certificate: cert,
    answered,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function savepoint(rack: Rack, work: () => void): void {
  rack.db.exec("SAVEPOINT task");
  try {
    work();
    rack.db.exec("RELEASE task");
  } catch (error) {
    rack.db.exec("ROLLBACK TO task; RELEASE task");
    throw error;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

interface Failure {
  readonly status: number;
  readonly reason: string;
  readonly errors?: Readonly<Record<string, string>>;
}

/** An error of the plug-in's, as the API would have worded it on the wire. Undefined: it would not have answered. */
function failureOf(error: unknown): Failure | undefined {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes("failed to perform HTTP request")) return undefined;
  const [, status = "500"] = /received an HTTP (\d+) response/.exec(text) ?? [];
  const reason = reasonOf(error);
  const [, list] = /^Parameter verification failed\. \((.*)\)\)?$/s.exec(reason) ?? [];
  if (list === undefined) return { status: Number(status), reason };
  const errors = Object.fromEntries(
    list.split("; ").map((part): [string, string] => {
      const [name = "", ...why] = part.split(": ");
      return [name.replace(/^rules\[\d+\]\./, ""), why.join(": ")];
    }),
  );
  return { status: 400, reason: "Parameter verification failed.", errors };
}

/** Refuses what the lab does not do, by name. */
export const notSimulated = (what: string): Error => apiError(501, `${what} is not simulated`);
