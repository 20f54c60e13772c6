// What others wrote for AMT: a client in Python (PyPI's amt), and the library of AMT's maker, which makes messages and sends none.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runNpm } from "../../tools/engine/npm-client.mjs";
import { capture } from "../../tools/engine/run-command.mjs";
import { conformanceCache } from "../build-program.ts";

const folder = import.meta.dirname;
const library = "@device-management-toolkit/wsman-messages";
const pins = readFileSync(join(folder, "requirements.txt"), "utf8");
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
  dependencies: Readonly<Record<string, string>>;
};

/** Version of the Python client. */
export const clientVersion: string = /^amt==(\S+)/m.exec(pins)?.[1] ?? "";
/** Version of the maker's library. */
export const libraryVersion: string = manifest.dependencies[library] ?? "";

/** What a program printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An element of a message: names with their namespaces, so that prefixes do not matter. */
export interface Tree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Tree[];
}

/** Puts files into the cache under a name of their own, whole or not at all. */
async function once(name: string, fill: (partial: string) => Promise<void>): Promise<string> {
  const ready = join(conformanceCache(), "amt", name);
  if (existsSync(ready)) return ready;
  const partial = `${ready}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  await fill(partial);
  renameSync(partial, ready);
  return ready;
}

async function succeed(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await capture(program, args, { cwd });
  if (code !== 0) throw new Error(`${program} ${args[0]}: ${stderr.trim().split("\n").at(-1)}`);
}

/** The Python client: runs methods of it against an address, with a password. Needs python3 with pip. */
export async function amtClient(): Promise<
  (address: string, password: string, ...methods: string[]) => Promise<Ended>
> {
  const packages = await once(`client-${clientVersion}`, async (partial) => {
    const download = ["-m", "pip", "download", "--no-deps", "--require-hashes", "-r", join(folder, "requirements.txt")];
    await succeed("python3", [...download, "-d", "."], partial);
    await succeed("tar", ["xzf", `amt-${clientVersion}.tar.gz`], partial);
  });
  // Python reads wheels where they lie.
  const wheels = readdirSync(packages).filter((name) => name.endsWith(".whl"));
  const path = [`amt-${clientVersion}`, ...wheels].map((name) => join(packages, name)).join(":");
  const env = { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1" };
  return (...args) => capture("python3", [join(folder, "client.py"), ...args], { env });
}

/** Messages as the maker's library has them, by what they do. Needs npm. */
export async function makersMessages(): Promise<
  Readonly<Record<"powerState" | "pxeFirst" | "bootOnce" | "powerOn", string>>
> {
  const modules = await once(`messages-${libraryVersion}`, async (partial) => {
    for (const name of ["package.json", "package-lock.json"]) cpSync(join(folder, name), join(partial, name));
    await runNpm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: partial,
      purpose: "what AMT's maker wrote",
    });
  });
  const { CIM } = createRequire(join(modules, "package.json"))(library) as {
    CIM: {
      Messages: new () => {
        BootService: { Get(): string; SetBootConfigRole(id: string, role: number): string };
        BootConfigSetting: { ChangeBootOrder(source: string): string };
        PowerManagementService: { RequestPowerStateChange(state: number): string };
      };
    };
  };
  const messages = new CIM.Messages();
  return {
    // The library asks for another class, in the same words.
    powerState: messages.BootService.Get().replaceAll("CIM_BootService", "CIM_AssociatedPowerManagementService"),
    pxeFirst: messages.BootConfigSetting.ChangeBootOrder("Intel(r) AMT: Force PXE Boot"),
    bootOnce: messages.BootService.SetBootConfigRole("Intel(r) AMT: Boot Configuration 0", 1),
    powerOn: messages.PowerManagementService.RequestPowerStateChange(2),
  };
}

/** A message as a tree; `MessageID`, which is another each time, left out. Throws where it is no XML. */
export async function treeOf(message: string): Promise<Tree> {
  const { code, stdout, stderr } = await capture("python3", [join(folder, "tree.py"), message]);
  if (code !== 0) throw new Error(`no XML: ${stderr.trim().split("\n").at(-1)}`);
  const without = (tree: Tree): Tree => ({
    ...tree,
    children: tree.children.filter(({ name }) => !name.endsWith("}MessageID")).map(without),
  });
  return without(JSON.parse(stdout) as Tree);
}
