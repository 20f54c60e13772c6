// Runs scripts on a host with Debian's packages on it: a network namespace with this machine's files underneath and its own on top. It is gone
// with the script, and so is everything that the script started.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture } from "../../tools/engine/run-command.mjs";
import { fetchPackages, upstreamVersion } from "./debian-packages.ts";

/** What a script came to. */
export interface ScriptResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A kind of host. */
export interface TestHost {
  /** Upstream's version of one of its packages. */
  version(name: string): string;
  /** Runs a script on a fresh one. */
  run(script: string): Promise<ScriptResult>;
  /** The same, for a script that must succeed; its output. */
  succeeds(script: string): Promise<ScriptResult>;
}

/** A test host; undefined, with the reason on stderr, where there can be none (no root, no Debian, no namespaces). */
export async function openTestHost(...packages: readonly string[]): Promise<TestHost | undefined> {
  const files = await fetchPackages(packages);
  const without = (reason: string): undefined => {
    console.error(`no host can be made to try scripts on: ${reason}`);
    return undefined;
  };
  if (files === undefined) return without(`Debian's packages ${packages.join(", ")} cannot be had`);
  const { code, stderr } = await runOn(files, "ip link add probe0 type veth peer name probe1\n");
  if (code !== 0) return without(stderr.trim().split("\n").at(-1) ?? `exit code ${code}`);
  return {
    version: (name) => upstreamVersion(files, name),
    run: (script) => runOn(files, script),
    async succeeds(script) {
      const result = await runOn(files, `set -eu\n${script}`);
      if (result.code !== 0) throw new Error(`the script ended with ${result.code}: ${result.stderr}${result.stdout}`);
      return result;
    },
  };
}

async function runOn(files: readonly string[], script: string): Promise<ScriptResult> {
  const folder = mkdtempSync(join(tmpdir(), "test-host-"));
  try {
    const step = join(folder, "step.sh");
    writeFileSync(step, script);
    const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"];
    return await capture("unshare", [...namespaces, "sh", join(import.meta.dirname, "test-host.sh"), step, ...files]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
