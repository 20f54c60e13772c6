// Runs MetalLB's controller inside a network namespace. Unix sockets lead in and out; they belong to no namespace.
// inside.ts <socket that leads to the API server> <port to offer it at> <socket to be asked at> <port of the webhooks> <program> <flag>…
import { spawn } from "node:child_process";
import { carry, carryAsProxy } from "./carry.ts";

const [apiSocket = "", apiPort, clusterSocket = "", webhookPort, program = "", ...flags] = process.argv.slice(2);
carry({ host: "127.0.0.1", port: Number(apiPort) }, { path: apiSocket });
carryAsProxy({ path: clusterSocket }, { host: "127.0.0.1", port: Number(webhookPort) });

const child = spawn(program, flags, { stdio: "inherit" });
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code) => process.exit(code ?? 1));
