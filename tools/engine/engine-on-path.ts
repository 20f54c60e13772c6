// Looks for a Pulumi that the person has installed.
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { engineMismatch } from "./engine-version.ts";
import { hasLanguageHost } from "./language-host.ts";
import { capture } from "./run-command.mjs";

/** What is on PATH: a `pulumi` to use, or the reason why there is none. */
export type EngineOnPath =
  | { readonly pulumi: string; readonly hasLanguageHost: boolean }
  | { readonly pulumi?: undefined; readonly reason: string };

/** Looks at the first `pulumi` on PATH only: a person who put an old one first means it. */
export async function engineOnPath(needed: string, path: string = process.env["PATH"] ?? ""): Promise<EngineOnPath> {
  const pulumi = findExecutable("pulumi", path);
  if (pulumi === undefined) return { reason: "there is no pulumi" };
  const { code, stdout, stderr } = await capture(pulumi, ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  if (code !== 0) return { reason: `${pulumi} version ended with exit code ${code}: ${stderr.trim()}` };
  const mismatch = engineMismatch(stdout.trim(), needed);
  if (mismatch !== "") return { reason: `${pulumi} cannot be used: ${mismatch}` };
  // The engine itself looks beside its own file, links resolved, and on PATH.
  const beside = hasLanguageHost(dirname(realpathSync(pulumi)), "any");
  return { pulumi, hasLanguageHost: beside || findExecutable("pulumi-language-nodejs", path) !== undefined };
}

/** The first executable of that name on PATH. */
function findExecutable(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}
