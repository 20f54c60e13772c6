// Declares the homelab against mocks the way the real host runs programs, and prints how long the constructors took.
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import * as pulumi from "@pulumi/pulumi";
import { simulatedConnections } from "../../config/connections.ts";
import { loadStack } from "../../config/load.ts";
import { buildHomelab } from "../../stacks/homelab.ts";
import { REPOSITORY } from "../engine/engine-version.ts";

// As `@pulumi/pulumi/cmd/run` does; this is what makes a captured stack so expensive.
createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"))("source-map-support/register");

await pulumi.runtime.setMocks(
  { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: ({ inputs }) => inputs },
  "homelab",
  "lab",
  true,
);
// The SDK's mocks know nothing of hooks.
const registerResourceHook = (_request: unknown, done: (error: null, response: object) => void): void => done(null, {});
Object.assign(pulumi.runtime.getMonitor() ?? {}, { registerResourceHook });

const { plan, simulation } = loadStack(REPOSITORY, "lab");
if (simulation === undefined) throw new Error("stack lab has no simulated rack");
const connections = simulatedConnections(simulation, new pulumi.Config());
const start = performance.now();
buildHomelab(plan, connections);
console.log(JSON.stringify({ constructorsMs: performance.now() - start }));
