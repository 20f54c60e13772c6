// What the official plug-ins accept and return, read from the packages their makers publish for Python: these come from a registry,
// whereas the plug-ins themselves and their schemas come from elsewhere. Only the text is read (read_sdk.py); nothing of it is run.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { ObjectTable, ResourceTable } from "../../lab/plugin/table.ts";
import { capture } from "../../tools/engine/run-command.mjs";
import { conformanceCache } from "../build-program.ts";

/** Providers whose package is read. */
const providers = {
  command: "pulumi-command",
  proxmoxve: "pulumi-proxmoxve",
  talos: "pulumiverse-talos",
} as const;

/** A provider's name. */
export type ProviderName = keyof typeof providers;

/** A schema in the language of lab/tables. Types are named by module. */
export interface OfficialSchema {
  readonly config: ObjectTable;
  readonly resources: Readonly<Record<string, ResourceTable>>;
  readonly functions: Readonly<Record<string, ResourceTable>>;
  readonly types: Readonly<Record<string, ObjectTable>>;
}

/** Version of a provider's package, as requirements.txt pins it. */
export function sdkVersion(provider: ProviderName): string {
  const pins = readFileSync(join(import.meta.dirname, "requirements.txt"), "utf8");
  const version = new RegExp(`^${providers[provider]}==(\\S+)`, "m").exec(pins)?.[1];
  if (version === undefined) throw new Error(`requirements.txt does not pin ${providers[provider]}`);
  return version;
}

/**
 * The schemas of all providers; undefined, with the reason on stderr, where Python or its registry is not to be had.
 */
export async function readOfficialSchemas(): Promise<Readonly<Record<ProviderName, OfficialSchema>> | undefined> {
  const folder = await ensureWheels();
  if (folder === undefined) return undefined;
  const read = async (provider: ProviderName): Promise<OfficialSchema> => {
    const start = `${providers[provider].replaceAll("-", "_")}-`;
    const wheel = readdirSync(folder).find((name) => name.startsWith(start));
    if (wheel === undefined) throw new Error(`${folder} has no package ${providers[provider]}`);
    const result = await capture("python3", [join(import.meta.dirname, "read_sdk.py"), join(folder, wheel)]);
    if (result.code !== 0) throw new Error(`cannot read ${wheel}: ${result.stderr}`);
    return JSON.parse(result.stdout);
  };
  return { command: await read("command"), proxmoxve: await read("proxmoxve"), talos: await read("talos") };
}

async function ensureWheels(): Promise<string | undefined> {
  const versions = (Object.keys(providers) as ProviderName[]).map((name) => `${name}-${sdkVersion(name)}`);
  const folder = join(conformanceCache(), "sdk", versions.join("_"));
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  mkdirSync(partial, { recursive: true });
  const pins = join(import.meta.dirname, "requirements.txt");
  const download = ["-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", pins];
  const result = await capture("python3", [...download, "-d", partial]);
  if (result.code === 0) {
    renameSync(partial, folder);
    return folder;
  }
  console.error(
    `the official packages cannot be had (needs python3 with pip, and its registry): ${result.stderr.trim().split("\n").at(-1)}`,
  );
  return undefined;
}
