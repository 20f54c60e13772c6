// An AMT on a loopback address of this machine, at AMT's own port: for clients that others wrote (conformance).
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { selfSigned } from "../pve-api/certificate.ts";
import type { AmtReply, AmtRequest } from "./controller.ts";

/** What to serve. */
export interface AmtServerOptions {
  /** What answers: a controller of the rack. */
  answer(request: AmtRequest): AmtReply;
  /** In 127.0.0.0/8. */
  readonly address: string;
  /** On 16993 with a certificate of its own making; else on 16992. */
  readonly tls: boolean;
}

/** A running controller; `close` ends it. */
export interface AmtServer {
  close(): Promise<void>;
}

/** Serves an AMT until it is closed. */
export async function serveAmt({ answer, address, tls }: AmtServerOptions): Promise<AmtServer> {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { authorization } = request.headers;
    const reply = answer({ method: request.method ?? "", path: request.url ?? "", authorization, body });
    response
      .writeHead(reply.status, { ...reply.headers, "Content-Length": Buffer.byteLength(reply.body) })
      .end(reply.body);
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => response.destroy());
  };
  const server = tls ? createHttps(selfSigned(address), listener) : createHttp(listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(tls ? 16993 : 16992, address, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
