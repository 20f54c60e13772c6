// The HTTP API of Proxmox VE over the rack: what the official Terraform provider talks to. It listens on this machine's own address only,
// speaks TLS, and wants an API token. What a request does is in dispatch.ts, what an endpoint means in the files beside it; what it does to
// the rack is the plug-in's.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Context } from "../plugin/contract.ts";
import type { Rack } from "../rack/store.ts";
import { selfSigned } from "./certificate.ts";
import { dispatch } from "./dispatch.ts";
import type { Parameters } from "./endpoint.ts";
import { Tasks } from "./tasks.ts";

/** What to serve. */
interface PveApiOptions {
  readonly rack: Rack;
  /** Host of the rack whose API this is. @default - the rack's first by name */
  readonly host?: string;
  /** `user@realm!name=secret`: the only one that is let in. */
  readonly apiToken: string;
  /** Port on 127.0.0.1. @default - any free one */
  readonly port?: number;
}

/** A request that was answered. */
interface Answered {
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

const BASE = "/api2/json";

/** Serves the API of one host of a rack until it is closed. */
export async function servePveApi(options: PveApiOptions): Promise<PveApi> {
  const { rack, host, apiToken } = options;
  const entry = `${host === undefined ? "" : `${host}.`}${rack.name}.rack.invalid`;
  const context: Context = {
    ...{ rack, config: { endpoint: `https://${entry}:8006/` }, name: "", token: "", urn: "" },
    warn() {},
  };
  const backend = { rack, context, tasks: new Tasks(apiToken.split("=")[0] ?? "") };
  const answered: Answered[] = [];
  const { key, cert } = selfSigned(host ?? rack.name);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "https://127.0.0.1");
    const path = url.pathname.startsWith(BASE) ? url.pathname.slice(BASE.length) : url.pathname;
    const method = request.method ?? "GET";
    const given = [...url.searchParams, ...new URLSearchParams(await textOf(request))];
    const { authorization } = request.headers;
    const reply =
      authorization === `PVEAPIToken=${apiToken}`
        ? dispatch(backend, method, path, parametersOf(given))
        : { status: 401, reason: authorization ? "invalid token value!" : "No ticket", content: { data: null } };
    const { status, content } = reply;
    // The reason stands in the status line, where pveproxy puts it too: one line, no more than ASCII.
    const reason = reply.reason.replace(/[^\x20-\x7e]+/g, " ").trim();
    answered.push({ method, path, status, reason });
    if (status === 0) response.destroy();
    else
      response
        .writeHead(status, reason, { "content-type": "application/json;charset=UTF-8" })
        .end(JSON.stringify(content));
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

/** A name that comes several times has all its values. */
function parametersOf(given: readonly (readonly [string, string])[]): Parameters {
  const parameters: Record<string, string> = {};
  for (const [name, value] of given)
    parameters[name] = parameters[name] === undefined ? value : `${parameters[name]}\0${value}`;
  return parameters;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
