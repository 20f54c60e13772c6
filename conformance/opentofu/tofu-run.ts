// Runs OpenTofu on one graph, in a folder of its own, with the provider that was built here and no registry in reach.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture } from "../../tools/engine/run-command.mjs";
import { ensureProgram } from "../build-program.ts";

/** What a run of `tofu` came to. */
export interface TofuResult {
  readonly code: number;
  /** Both streams, for messages. */
  readonly text: string;
}

/** A folder with a graph in it. */
export interface Workspace {
  readonly folder: string;
  write(file: string, content: object): void;
  run(...args: readonly string[]): Promise<TofuResult>;
  close(): void;
}

/** Makes a folder that OpenTofu works in; `environment` is what the provider is told. */
export async function tofuWorkspace(environment: Readonly<Record<string, string>> = {}): Promise<Workspace> {
  const [tofu, provider] = [await ensureProgram("opentofu"), await ensureProgram("proxmox")];
  const folder = mkdtempSync(join(tmpdir(), "tofu-"));
  const plugins = join(folder, "plugins");
  mkdirSync(plugins);
  copyFileSync(provider, join(plugins, "terraform-provider-proxmox"));
  const rc = join(folder, "tofurc");
  writeFileSync(rc, `provider_installation {\n  dev_overrides { "bpg/proxmox" = ${JSON.stringify(plugins)} }\n}\n`);
  const env = {
    ...process.env,
    ...{
      TF_CLI_CONFIG_FILE: rc,
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
      CHECKPOINT_DISABLE: "1",
      NO_PROXY: "*",
      no_proxy: "*",
    },
    ...environment,
  };
  return {
    folder,
    write: (file, content) => writeFileSync(join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`),
    async run(...args) {
      const { code, stdout, stderr } = await capture(tofu, [...args], { cwd: folder, env });
      return { code, text: `${stdout}\n${stderr}` };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
