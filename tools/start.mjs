#!/usr/bin/env node
// The first thing that runs in a fresh clone, on any Node.js from 18: it sees to a Node.js that reads TypeScript and to
// the packages, and then starts tools/<command>.ts. Plain JavaScript, and nothing that has to be installed first.
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureModules } from "./engine/modules.mjs";
import { ensureNode } from "./engine/node-runtime.mjs";
import { handOver } from "./engine/run-command.mjs";
import { runEntryPoint, SetupError } from "./engine/setup-error.mjs";

const repository = join(dirname(fileURLToPath(import.meta.url)), "..");

/** @type {Readonly<Record<string, string>>} */
const COMMANDS = {
  up: "builds the homelab on the simulated rack (--stack takes another one)",
  preview: "shows what up would do",
  destroy: "takes it all down again",
  lab: "looks at the simulated rack, or breaks it",
  pulumi: "any other pulumi command on the simulated rack",
  check: "types, lint, format, unit tests, docs",
  test: "everything that check does, and the end-to-end tests",
  bench: "measures",
  conformance: "holds everything against the real components",
  docs: "writes the generated documents",
};

await runEntryPoint(async () => {
  const [command = "", ...rest] = process.argv.slice(2);
  const entryPoint = join(repository, "tools", `${command}.ts`);
  if (!(command in COMMANDS)) {
    throw new SetupError(command === "" ? "no command given" : `no command ${command}`, {
      todo: Object.entries(COMMANDS).map(([name, text]) => `npm run ${name.padEnd(8)} ${text}`),
    });
  }
  if (!existsSync(entryPoint)) {
    throw new SetupError(`${command} is not there: tools/${command}.ts is missing`, {
      todo: ["bring the working tree back to what git has (git status shows what is missing)"],
    });
  }
  const node = await ensureNode();
  await ensureModules(repository);
  const codeCache = join(repository, "tools", "engine", "code-cache.cjs");
  const flags = ["--disable-warning=ExperimentalWarning", "--require", codeCache];
  const environment = {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
  };
  return handOver(node, [...flags, entryPoint, ...rest], { env: environment });
});
