// The AMT of one machine on a loopback address of this machine, at AMT's own port: for clients that others wrote (conformance).
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { selfSigned } from "../pve-api/certificate.ts";
import { amts } from "../rack/amt.ts";
import type { Rack } from "../rack/store.ts";
import { AmtController } from "./controller.ts";

/** What to serve. */
export interface AmtServerOptions {
  readonly rack: Rack;
  readonly host: string;
  /** In 127.0.0.0/8. */
  readonly address: string;
}

/** A running controller; `close` ends it. */
export interface AmtServer {
  /** Bodies that were taken, in order. */
  readonly bodies: readonly string[];
  close(): Promise<void>;
}

/** Serves the AMT of a host until it is closed: 16993 with a certificate of its own making, or 16992, as its setup has it. */
export async function serveAmt({ rack, host, address }: AmtServerOptions): Promise<AmtServer> {
  const controller = new AmtController(rack, host);
  const bodies: string[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { authorization } = request.headers;
    const reply = controller.answer({ method: request.method ?? "", path: request.url ?? "", authorization, body });
    if (reply.status === 200) bodies.push(body);
    response
      .writeHead(reply.status, { ...reply.headers, "Content-Length": Buffer.byteLength(reply.body) })
      .end(reply.body);
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => response.destroy());
  };
  const tls = amts(rack).get(host)?.tls === true;
  const server = tls ? createHttps(selfSigned(host), listener) : createHttp(listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(tls ? 16993 : 16992, address, resolve);
  });
  return {
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
