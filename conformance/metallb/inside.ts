// Runs a program of MetalLB inside a network namespace. Unix sockets lead in and out; they belong to no namespace.
// inside.ts <socket that leads to the API server> <port to offer it at> <socket to be asked at, or nothing> <port of the webhooks> <program> <flag>…
import { spawn } from "node:child_process";
import { once } from "node:events";
import { carry, carryAsProxy } from "./carry.ts";

const [apiSocket = "", apiPort, clusterSocket = "", webhookPort, program = "", ...flags] = process.argv.slice(2);
const ways = [carry({ host: "127.0.0.1", port: Number(apiPort) }, { path: apiSocket })];
if (clusterSocket !== "") {
  ways.push(carryAsProxy({ path: clusterSocket }, { host: "127.0.0.1", port: Number(webhookPort) }));
}
// The program gives up when the API server does not answer at once.
await Promise.all(ways.map((way) => once(way, "listening")));

const child = spawn(program, flags, { stdio: "inherit" });
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code) => process.exit(code ?? 1));
