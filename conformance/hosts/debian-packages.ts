// Debian's packages with all that they need beyond what this machine has: fetched, never installed, as some of them would take over its network.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../../tools/engine/run-command.mjs";
import { conformanceCache } from "../build-program.ts";

/** Files of the packages; undefined where they cannot be had. */
export async function fetchPackages(names: readonly string[]): Promise<readonly string[] | undefined> {
  const folder = join(conformanceCache(), "debian", names.join("+"));
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}`;
    mkdirSync(partial, { recursive: true });
    const options = ["-o", `Dir::Cache::archives=${partial}`, "-o", "Debug::NoLocking=1", "--no-install-recommends"];
    const install = ["install", "--yes", "--download-only", "--reinstall", ...options, ...names];
    const download = async () => (await capture("apt-get", install)).code === 0;
    // An image that was never updated knows no packages.
    const isThere = (await download()) || ((await capture("apt-get", ["update"])).code === 0 && (await download()));
    if (isThere && !existsSync(folder)) renameSync(partial, folder);
    rmSync(partial, { recursive: true, force: true });
    if (!isThere) return undefined;
  }
  return readdirSync(folder).flatMap((name) => (name.endsWith(".deb") ? [join(folder, name)] : []));
}

/** Version of one of the files, as upstream counts it: `8.4.4` of `frr_8.4.4-1.1~deb12u2_amd64.deb`. */
export function upstreamVersion(files: readonly string[], name: string): string {
  const version = files.flatMap((file) => new RegExp(`/${name}_([^_]+)_`).exec(file)?.[1] ?? [])[0] ?? "";
  return version.replace(/^\d+%3a/, "").replace(/-[^-]*$/, "");
}
