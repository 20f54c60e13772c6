// One question before anything is registered: does the rack answer at all? A provider would say so minutes later and less clearly.
import { connect } from "node:net";
import type { Problem } from "../plan/problems.ts";

/**
 * Tries to open a TCP connection to the host of a URL.
 * @param timeoutMs how long to wait for an answer
 * @returns a Problem that says what to do, or undefined if something answers
 */
export async function checkReachable(what: string, url: string, timeoutMs: number): Promise<Problem | undefined> {
  const { hostname, port, protocol } = new URL(url);
  const reason = await tryConnect(hostname, Number(port === "" ? (protocol === "https:" ? 443 : 80) : port), timeoutMs);
  if (reason === undefined) return undefined;
  return {
    code: "rack-unreachable",
    severity: "error",
    path: url,
    message: `${what} does not answer (${reason}); is the host on, and is this machine on the management network? To rehearse without a rack: npm run up`,
  };
}

function tryConnect(host: string, port: number, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (reason: string | undefined): void => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(timeoutMs, () => done(`no answer within ${timeoutMs} ms`));
    socket.once("connect", () => done(undefined));
    socket.once("error", (error) => done(error.message));
  });
}
