// The official plug-ins, where this machine has them or can get them, and previews with them.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureEngine } from "../../tools/engine/engine.ts";
import { REPOSITORY } from "../../tools/engine/engine-version.ts";
import { capture } from "../../tools/engine/run-command.mjs";
import { conformanceCache } from "../build-program.ts";

interface PluginPin {
  readonly name: string;
  readonly version: string;
  readonly server?: string;
}

const downloadTimeoutSec = 120;
/** What must not be in a copy of the program: the lab's state, and what is linked instead. */
const notCopied = [".git", ".lab", "node_modules"];

/** Pulumi with the official plug-ins. */
export interface OfficialPulumi {
  /** Runs Pulumi on a copy of the program; what it prints, and its exit code. */
  run(args: readonly string[]): Promise<{ code: number; text: string }>;
  /** Deletes the copy and its state. */
  close(): void;
}

/** The plug-ins that the installed SDKs are made for. */
export function requiredPlugins(): PluginPin[] {
  const packages = ["@muhlba91/pulumi-proxmoxve", "@pulumi/command", "@pulumi/kubernetes", "@pulumiverse/talos"];
  return packages.map((name) => {
    const manifest = JSON.parse(readFileSync(join(REPOSITORY, "node_modules", name, "package.json"), "utf8"));
    const { name: plugin, version, server } = manifest.pulumi ?? {};
    return {
      name: plugin ?? name.split("/")[1],
      version: version ?? manifest.version,
      ...(server === undefined ? {} : { server }),
    };
  });
}

/** Pulumi with the official plug-ins of the pinned versions, or why there is none. */
export async function officialPulumi(): Promise<OfficialPulumi | { readonly missing: string }> {
  const engine = await ensureEngine();
  const has = (home: string, { name, version }: PluginPin): boolean =>
    existsSync(join(home, "plugins", `resource-${name}-v${version}`));
  const own = process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  const plugins = requiredPlugins();
  const home = plugins.every((plugin) => has(own, plugin)) ? own : join(conformanceCache(), "pulumi-home");
  mkdirSync(home, { recursive: true });
  const path = [...engine.path, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter);
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: path,
    PULUMI_HOME: home,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  for (const plugin of plugins) {
    if (has(home, plugin)) continue;
    const { name, version, server } = plugin;
    const install = [
      "plugin",
      "install",
      "resource",
      name,
      version,
      ...(server === undefined ? [] : ["--server", server]),
    ];
    const command = [String(downloadTimeoutSec), engine.pulumi, ...install, "--non-interactive", "--color", "never"];
    const result = await capture("timeout", command, { env: environment });
    if (result.code !== 0) {
      const reason = result.stderr.trim().split("\n").at(-1) || `no answer within ${downloadTimeoutSec} s`;
      return {
        missing: `the official plug-in ${name} ${version} is not installed and cannot be downloaded: ${reason}`,
      };
    }
  }
  return onCopy(engine.pulumi, environment);
}

function onCopy(pulumi: string, environment: NodeJS.ProcessEnv): OfficialPulumi {
  const folder = mkdtempSync(join(tmpdir(), "official-"));
  const program = join(folder, "program");
  mkdirSync(program);
  // A stack's file is written to when the stack is made: not the one in the work tree.
  for (const name of readdirSync(REPOSITORY)) {
    if (!notCopied.includes(name)) cpSync(join(REPOSITORY, name), join(program, name), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, "node_modules"), join(program, "node_modules"));
  const state = join(folder, "state");
  mkdirSync(state);
  const env = {
    ...environment,
    PULUMI_BACKEND_URL: pathToFileURL(state).href,
    PULUMI_CONFIG_PASSPHRASE: "conformance",
  };
  return {
    async run(args) {
      const flags = ["--non-interactive", "--color", "never"];
      const { code, stdout, stderr } = await capture(pulumi, [...args, ...flags], { cwd: program, env });
      return { code, text: `${stdout}\n${stderr}` };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
