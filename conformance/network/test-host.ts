// Runs scripts on a host with Debian's ifupdown2, the tool that Proxmox VE configures its networks with. The host is a network namespace with
// this machine's files underneath and its own on top; it is gone with the script.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture } from "../../tools/engine/run-command.mjs";
import { conformanceCache } from "../build-program.ts";

/** What a script came to. */
export interface ScriptResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A kind of host. */
export interface TestHost {
  /** Version of ifupdown2. */
  readonly version: string;
  /** Runs a script on a fresh one. */
  run(script: string): Promise<ScriptResult>;
}

/** A test host; undefined, with the reason on stderr, where there can be none (no root, no Debian, no namespaces). */
export async function openTestHost(): Promise<TestHost | undefined> {
  const file = await ensurePackage();
  if (file === undefined) return undefined;
  const host: TestHost = { version: file.split("_")[1] ?? "", run: (script) => runOn(file, script) };
  const { code, stderr } = await host.run(
    "command -v ifreload >/dev/null && ip link add probe0 type veth peer name probe1\n",
  );
  if (code === 0) return host;
  console.error(`no host can be made to try scripts on: ${stderr.trim().split("\n").at(-1) ?? `exit code ${code}`}`);
  return undefined;
}

async function runOn(file: string, script: string): Promise<ScriptResult> {
  const folder = mkdtempSync(join(tmpdir(), "test-host-"));
  try {
    const step = join(folder, "step.sh");
    writeFileSync(step, script);
    const namespaces = ["--net", "--mount", "--propagation", "private"];
    return await capture("unshare", [...namespaces, "sh", join(import.meta.dirname, "test-host.sh"), file, step]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Only fetched, never installed: installing it would take over the network of this machine. */
async function ensurePackage(): Promise<string | undefined> {
  const folder = join(conformanceCache(), "debian");
  mkdirSync(folder, { recursive: true });
  const present = (): string | undefined => readdirSync(folder).find((name) => /^ifupdown2_.*\.deb$/.test(name));
  if (present() === undefined) {
    const download = () => capture("apt-get", ["download", "ifupdown2"], { cwd: folder });
    // An image that was never updated knows no packages.
    if ((await download()).code !== 0 && (await capture("apt-get", ["update"])).code === 0) await download();
  }
  const name = present();
  if (name === undefined)
    console.error("no host can be made to try scripts on: Debian's package ifupdown2 cannot be had");
  return name === undefined ? undefined : join(folder, name);
}
