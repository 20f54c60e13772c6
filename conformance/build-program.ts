// Builds the real components where they are missing. The result is kept outside the work tree under a name made from the pins and the
// sources, so another version is another file and nothing is ever stale.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cacheLayout } from "../tools/engine/cache.mjs";
import { goEnvironment } from "../tools/engine/go-environment.ts";
import { withLock } from "../tools/engine/lock.mjs";
import { withProgress } from "../tools/engine/progress.mjs";
import { capture } from "../tools/engine/run-command.mjs";
import { SetupError } from "../tools/engine/setup-error.mjs";
import { type Program, type ProgramName, pinnedVersion, programFolder, programs } from "./programs.ts";

/** The oldest Go that all the modules accept. */
const oldestGo = "1.26.6";

/** Folder of everything that conformance keeps. */
export const conformanceCache = (): string => join(cacheLayout().root, "conformance");

/**
 * Path of a program, built first where it is not there yet.
 * @throws SetupError that says what to install when it cannot be built
 */
export async function ensureProgram(name: ProgramName): Promise<string> {
  const program: Program = programs[name];
  const folder = programFolder(name);
  const file = join(conformanceCache(), `${name}-${pinnedVersion(name)}-${fingerprint(folder)}`);
  if (existsSync(file)) return file;
  return await withLock(cacheLayout().locks, `conformance-${name}`, async () => {
    if (existsSync(file)) return file;
    await withProgress(
      `${program.title} ${pinnedVersion(name)} from source (about ${program.minutes} min on two cores, once)`,
      (say) => build(program, folder, file, say),
    );
    return file;
  });
}

async function build(program: Program, folder: string, file: string, say: (detail: string) => void): Promise<void> {
  mkdirSync(conformanceCache(), { recursive: true });
  const partial = `${file}.partial`;
  const flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-tags", program.tags ?? ""];
  let compiled = 0;
  const { code, stderr } = await capture("go", ["build", ...flags, "-o", partial, program.package], {
    cwd: folder,
    env: { ...goEnvironment, GOMAXPROCS: process.env["GOMAXPROCS"] ?? String(availableParallelism()) },
    onLine: (line: string) => {
      if (!line.startsWith("go: downloading")) compiled += 1;
      say(`${compiled} packages compiled`);
    },
  });
  if (code !== 0) {
    throw new SetupError(`${program.title} cannot be built from the Go module proxy`, {
      why: stderr.trim().split("\n").slice(-6).join("\n"),
      todo: [
        `have Go ${oldestGo} or newer on PATH, and the Go module proxy in reach, then run it again: it goes on where it stopped`,
      ],
    });
  }
  renameSync(partial, file);
}

/** Of what a build is made from. */
function fingerprint(folder: string): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const name of readdirSync(folder).sort()) {
    if (/\.(mod|sum|go)$/.test(name)) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex").slice(0, 12);
}

/**
 * Folder of a module's sources as the Go module proxy serves them.
 * @param sum checksum, in the form of go.sum, that they must have
 * @throws SetupError when they cannot be had or are others
 */
export async function moduleFolder(name: ProgramName, module: string, sum: string): Promise<string> {
  const { code, stdout, stderr } = await capture("go", ["mod", "download", "-json", module], {
    cwd: programFolder(name),
    env: goEnvironment,
  });
  const found: { Dir?: string; Sum?: string } = code === 0 ? JSON.parse(stdout) : {};
  if (found.Dir !== undefined && found.Sum === sum) return found.Dir;
  throw new SetupError(`the sources of ${module} cannot be had from the Go module proxy`, {
    why: found.Sum === undefined ? stderr.trim() || stdout.trim() : `its checksum is ${found.Sum}, not ${sum}`,
    todo: [`have Go ${oldestGo} or newer on PATH, and the Go module proxy in reach`],
  });
}
