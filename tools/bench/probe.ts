// A probe: a program of the benchmarks in a Node.js process of its own, with what the program is started with.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { REPOSITORY } from "../engine/engine-version.ts";
import { splitArguments } from "../engine/language-host/split-arguments.ts";
import { capture } from "../engine/run-command.mjs";

/** Arguments of Node.js that Pulumi.yaml gives the program. */
export function nodeArguments(): string[] {
  return splitArguments(parse(readFileSync(join(REPOSITORY, "Pulumi.yaml"), "utf8")).runtime.options.nodeargs);
}

/** Runs `tools/bench/<probe>` and returns what it printed as JSON. */
export async function probe<Result>(name: string, flags: readonly string[] = nodeArguments()): Promise<Result> {
  const file = join("tools", "bench", name);
  const { code, stdout, stderr } = await capture(process.execPath, [...flags, file], { cwd: REPOSITORY });
  if (code !== 0) throw new Error(`${file} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout);
}

/** What the SDK is measured with as it comes: V8's cache of compiled code, which any program may have, and nothing else of ours. */
export function asTheSdkComes(given: readonly string[]): string[] {
  const cache = given.find((argument) => argument.endsWith("code-cache.cjs"));
  return cache === undefined ? [] : ["--require", cache];
}

/** The same arguments without one of the preloads (`--require <file>`). */
export function withoutPreload(given: readonly string[], file: string): string[] {
  const isIt = (argument: string | undefined): boolean => argument?.endsWith(file) ?? false;
  return given.filter((argument, index) => !isIt(argument) && !(argument === "--require" && isIt(given[index + 1])));
}
