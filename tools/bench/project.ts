// A Pulumi project that is measured: in a folder of its own, on a file backend of its own, with the options of ours.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { ensureEngine } from "../engine/engine.ts";
import { REPOSITORY } from "../engine/engine-version.ts";
import { labEnvironment, labFolders } from "../engine/lab-environment.ts";
import { furnishPulumiHome } from "../engine/pulumi-home.ts";
import { needsPlugins, RunningPlugins } from "../engine/running-plugins.ts";
import { type TimedRun, timedRun } from "./timed-run.ts";

/** What one process took. */
interface ProcessNote {
  readonly peakKiB: number;
  readonly cpuMs: number;
}

/** What one Pulumi command took, with the lab's plug-ins. */
export interface PulumiRun extends TimedRun {
  /** Of the process that ran the program. */
  readonly program: ProcessNote;
}

/** What a project consists of. */
export interface ProjectOptions {
  readonly stack: string;
  /** Text of a program in plain JavaScript, so that nothing has to be stripped; absent: our own program. */
  readonly program?: string;
  /** More files: name to text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Changes the options of Node.js in Pulumi.yaml. */
  readonly nodeArguments?: (given: string) => string;
}

const descriptions = /^Pulumi\..+\.yaml$/;
const leftOut = new Set([".git", ".lab", "Pulumi.yaml", "index.ts"]);

/** A project in `folder`, which is ours alone. */
export class BenchProject {
  readonly folder: string;
  readonly stack: string;
  readonly #pulumi: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #notes: string;
  /** Whether it has resources of plug-ins. */
  readonly #isOurs: boolean;

  static async create(folder: string, options: ProjectOptions): Promise<BenchProject> {
    const engine = await ensureEngine();
    const folders = labFolders(join(folder, ".lab"));
    mkdirSync(folders.state, { recursive: true });
    writeProject(folder, options);
    furnishPulumiHome(REPOSITORY, folders.plugins, folders.pulumiHome);
    const project = new BenchProject(
      folder,
      options.stack,
      engine.pulumi,
      labEnvironment(options.stack, engine, folders),
      options.program === undefined,
    );
    await project.pulumi(["stack", "init", options.stack]);
    return project;
  }

  private constructor(folder: string, stack: string, pulumi: string, environment: NodeJS.ProcessEnv, isOurs: boolean) {
    this.folder = folder;
    this.stack = stack;
    this.#pulumi = pulumi;
    this.#isOurs = isOurs;
    this.#notes = join(folder, ".lab", "notes");
    this.#environment = { ...environment, BENCH_NOTES: this.#notes };
  }

  /** Runs something of the lab's own on this project's racks. */
  inRack<T>(action: () => T): T {
    const before = process.env["RACK_HOME"];
    process.env["RACK_HOME"] = this.#environment["RACK_HOME"];
    try {
      return action();
    } finally {
      if (before === undefined) delete process.env["RACK_HOME"];
      else process.env["RACK_HOME"] = before;
    }
  }

  /** Remembers state and racks as they are now, for `rewind`. */
  markStart(): void {
    cpSync(join(this.folder, ".lab"), join(this.folder, ".start"), { recursive: true });
  }

  /** Brings state and racks back to where `markStart` saw them. */
  rewind(): void {
    rmSync(join(this.folder, ".lab"), { recursive: true });
    cpSync(join(this.folder, ".start"), join(this.folder, ".lab"), { recursive: true });
  }

  async pulumi(pulumiArguments: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<PulumiRun> {
    rmSync(this.#notes, { force: true });
    const flags = ["--non-interactive", "--color", "never"];
    const env = { ...this.#environment, ...more };
    const start = performance.now();
    const plugins = this.#isOurs && needsPlugins(pulumiArguments) ? await this.#startPlugins(env) : undefined;
    const run = await timedRun(this.#pulumi, [...pulumiArguments, ...flags], {
      cwd: this.folder,
      env: { ...env, ...plugins?.environment },
    });
    const wallMs = performance.now() - start;
    const program = this.#takeNote();
    await plugins?.stop();
    return { ...run, wallMs, cpuMs: run.cpuMs + this.#takeNote().cpuMs, program };
  }

  /** As a session does; what they take is part of every run. */
  #startPlugins(env: NodeJS.ProcessEnv): Promise<RunningPlugins> {
    const preload = `--require ${join(REPOSITORY, "tools", "bench", "process-notes.cjs")}`;
    return RunningPlugins.start(REPOSITORY, { cwd: this.folder, env: { ...env, NODE_OPTIONS: preload } });
  }

  /** What a process noted at its end, if one did. */
  #takeNote(): ProcessNote {
    if (!existsSync(this.#notes)) return { peakKiB: 0, cpuMs: 0 };
    const note = JSON.parse(readFileSync(this.#notes, "utf8"));
    rmSync(this.#notes);
    return note;
  }

  preview(): Promise<PulumiRun> {
    return this.pulumi(["preview"]);
  }

  up(more?: NodeJS.ProcessEnv): Promise<PulumiRun> {
    return this.pulumi(["up", "--yes", "--skip-preview"], more);
  }
}

function writeProject(folder: string, { stack, program, files = {}, nodeArguments }: ProjectOptions): void {
  for (const name of readdirSync(REPOSITORY)) {
    if (leftOut.has(name)) continue;
    // Pulumi writes into the files of stacks; everything else is looked at where it lies.
    if (descriptions.test(name)) cpSync(join(REPOSITORY, name), join(folder, name));
    else symlinkSync(join(REPOSITORY, name), join(folder, name));
  }
  const manifest = parse(readFileSync(join(REPOSITORY, "Pulumi.yaml"), "utf8"));
  if (program === undefined) symlinkSync(join(REPOSITORY, manifest.main), join(folder, manifest.main));
  else writeFileSync(join(folder, "index.js"), program);
  if (program !== undefined) manifest.main = "index.js";
  const { options } = manifest.runtime;
  options.nodeargs = `${nodeArguments?.(options.nodeargs) ?? options.nodeargs} --require ./tools/bench/process-notes.cjs`;
  writeFileSync(join(folder, "Pulumi.yaml"), stringify(manifest));
  const own = join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(own)) writeFileSync(own, "{}\n");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/** How many resources a preview of something new would create. */
export function createdIn({ stdout }: TimedRun): number {
  const count = /\+ (\d+) to create/.exec(stdout)?.[1];
  if (count === undefined) throw new Error(`a preview that creates nothing:\n${stdout}`);
  return Number(count);
}
