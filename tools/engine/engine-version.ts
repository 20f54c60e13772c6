// Which Pulumi the program needs: the one whose SDK it is written against.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareVersions, isVersion } from "./versions.mjs";

/** The repository's root. */
export const REPOSITORY: string = join(import.meta.dirname, "..", "..");

/** The version of `@pulumi/pulumi` in package.json, pinned there; the engine to fetch or build is the same. */
export function engineVersion(repository: string = REPOSITORY): string {
  const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
  const version: unknown = manifest.dependencies?.["@pulumi/pulumi"];
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`package.json: @pulumi/pulumi is to be pinned to one version, not ${JSON.stringify(version)}`);
  }
  return version;
}

/** Why the engine `found` (as `pulumi version` prints it) does not serve an SDK of version `needed`; empty where it does. */
export function engineMismatch(found: string, needed: string): string {
  if (!isVersion(found)) return `it does not say its version (${JSON.stringify(found)})`;
  const major = (version: string): string => version.replace(/^v/, "").split(".")[0] ?? "";
  if (major(found) !== major(needed)) return `it is ${found}, another major version than ${needed}`;
  if (compareVersions(found, needed) < 0) return `it is ${found}, older than ${needed}`;
  return "";
}
