// A copy of the project that a test may edit, with a rack and a state of its own: the program's files are links, the descriptions are copies.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";
import { loadStack } from "../../../config/load.ts";
import { readStackFile } from "../../../config/stack-file.ts";
import { runLab } from "../../../lab/cli/main.ts";
import { type RackStatus, rackStatus } from "../../../lab/cli/rack-status.ts";
import { prepareRack } from "../../../lab/prepare.ts";
import { type JournalEntry, readJournal } from "../../../lab/rack/journal.ts";
import { openRack, type Rack } from "../../../lab/rack/store.ts";
import { ensureEngine } from "../../../tools/engine/engine.ts";
import { REPOSITORY } from "../../../tools/engine/engine-version.ts";
import { labEnvironment, labFolders } from "../../../tools/engine/lab-environment.ts";
import { LabSession } from "../../../tools/engine/lab-session.ts";
import { furnishPulumiHome } from "../../../tools/engine/pulumi-home.ts";
import { findInJournal } from "../../../tools/engine/rack-journal.ts";
import { needsPlugins, RunningPlugins } from "../../../tools/engine/running-plugins.ts";

/** What one Pulumi command did. */
export interface Run {
  readonly code: number;
  /** Everything it printed. */
  readonly output: string;
  /** Operations other than "same", by logical name of the resource, sorted: `update talos-k8s-01`. */
  readonly operations: readonly string[];
}

/** Resource of a checkpoint. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly protect?: boolean;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
}

/** Path in a description, e.g. `nodes.talos-k8s-01.vm.id`. */
export const at = (path: string): string[] => ["config", "homelab:environment", ...path.split(".")];

const copied = /^Pulumi(\..+)?\.yaml$/;
const leftOut = new Set([".git", ".lab"]);

/** One test's project. */
export class Project {
  readonly directory = mkdtempSync(join(tmpdir(), "homelab-e2e-"));
  readonly stack: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #pulumi: string;
  /** The simulated twin's rack; empty for a stack on real hardware. */
  readonly #rackName: string;
  #plugins: RunningPlugins | undefined;

  /** A project whose stack exists and whose rack is furnished. */
  static async open(stack: string, edit?: (description: Document) => void): Promise<Project> {
    const project = new Project(stack, await ensureEngine());
    if (edit !== undefined) project.edit(edit);
    const made = await project.pulumi(["stack", "init", stack]);
    if (made.code !== 0) throw new Error(`stack init failed:\n${made.output}`);
    return project;
  }

  private constructor(stack: string, engine: Awaited<ReturnType<typeof ensureEngine>>) {
    this.stack = stack;
    this.#pulumi = engine.pulumi;
    for (const name of readdirSync(REPOSITORY)) {
      if (leftOut.has(name)) continue;
      if (copied.test(name)) cpSync(join(REPOSITORY, name), join(this.directory, name));
      else symlinkSync(join(REPOSITORY, name), join(this.directory, name));
    }
    this.#rackName = (readStackFile(this.directory, stack).simulation as { rack?: string } | undefined)?.rack ?? "";
    const folders = labFolders(join(this.directory, ".lab"));
    mkdirSync(folders.state, { recursive: true });
    furnishPulumiHome(REPOSITORY, folders.plugins, folders.pulumiHome);
    // The event log is one of the debug commands.
    this.environment = { ...labEnvironment(stack, engine, folders), PULUMI_DEBUG_COMMANDS: "true" };
  }

  /** Changes the description the stack is built from. */
  edit(change: (description: Document) => void, environment = "homelab"): void {
    const file = join(this.directory, `Pulumi.${environment}.yaml`);
    const document = parseDocument(readFileSync(file, "utf8"));
    change(document);
    writeFileSync(file, document.toString());
  }

  /** The description as it is written now. */
  description(environment = "homelab"): string {
    return readFileSync(join(this.directory, `Pulumi.${environment}.yaml`), "utf8");
  }

  /** Furnishes the rack as `npm run up` does. */
  async prepare(): Promise<void> {
    await this.inRack(() => prepareRack(this.stack, this.directory));
  }

  /** Runs something of the lab's own in this project's rack. */
  async inRack<T>(action: () => T | Promise<T>): Promise<T> {
    const before = process.env["RACK_HOME"];
    process.env["RACK_HOME"] = this.environment["RACK_HOME"];
    try {
      return await action();
    } finally {
      if (before === undefined) delete process.env["RACK_HOME"];
      else process.env["RACK_HOME"] = before;
    }
  }

  async up(...args: string[]): Promise<Run> {
    await this.prepare();
    return this.pulumi(["up", "--yes", "--skip-preview", ...args]);
  }

  async preview(...args: string[]): Promise<Run> {
    await this.prepare();
    return this.pulumi(["preview", ...args]);
  }

  refresh(...args: string[]): Promise<Run> {
    return this.pulumi(["refresh", "--yes", "--skip-preview", ...args]);
  }

  destroy(...args: string[]): Promise<Run> {
    return this.pulumi(["destroy", "--yes", "--skip-preview", ...args]);
  }

  /** Does something to the rack, or asks it. */
  rack<T>(action: (rack: Rack) => T): Promise<T> {
    return this.inRack(() => {
      const rack = openRack(this.#rackName);
      try {
        return action(rack);
      } finally {
        rack.close();
      }
    });
  }

  /** A command of the lab, e.g. `power off pve-ms01-01`; returns what it printed. */
  async lab(command: string): Promise<string> {
    const said: string[] = [];
    const say = (text: string) => void said.push(text);
    const surroundings = { directory: this.directory, stacks: [this.stack], workerOn: () => undefined };
    const code = await this.inRack(() =>
      runLab([...command.split(" "), "--stack", this.stack], { ...surroundings, print: say, complain: say }),
    );
    if (code !== 0) throw new Error(`lab ${command}: ${said.join("\n")}`);
    return said.join("\n");
  }

  /** The rack as it is, whatever Pulumi believes. */
  status(): Promise<RackStatus> {
    return this.rack((rack) => rackStatus(rack, loadStack(this.directory, this.stack).plan));
  }

  /** What was asked of the plug-ins. */
  journal(): Promise<JournalEntry[]> {
    return this.rack((rack) => readJournal(rack));
  }

  /** Starts an `up` and kills Pulumi (SIGKILL) once that many more resources were created; false if it ended before. */
  async killUpAfter(creates: number): Promise<boolean> {
    const made = async (): Promise<number> =>
      (await this.journal()).filter((entry) => entry.operation === "create" && !entry.preview && entry.outcome === "ok")
        .length;
    await this.prepare();
    const goal = (await made()) + creates;
    return this.killUpWhen(async () => (await made()) >= goal);
  }

  /** Starts an `up` and kills Pulumi and its plug-ins (SIGKILL) as soon as something is so; false if it ended before. */
  async killUpWhen(isSo: () => Promise<boolean>): Promise<boolean> {
    await this.prepare();
    const up = spawn(this.#pulumi, ["up", "--yes", "--skip-preview", "--non-interactive"], {
      cwd: this.directory,
      env: this.environment,
      stdio: "ignore",
    });
    const ended = once(up, "close");
    let isKilled = false;
    void ended.then(() => {
      isKilled = true;
    });
    while (!isKilled && !(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
    const wasRunning = up.exitCode === null;
    up.kill("SIGKILL");
    await ended;
    return wasRunning;
  }

  /** Settles what a killed run left, as `npm run up` does. */
  async settle(): Promise<void> {
    await this.inRack(async () => {
      const session = await LabSession.open(["--stack", this.stack], this.directory);
      await session.resume(findInJournal(this.stack));
    });
  }

  /** Resources of the checkpoint. */
  async resources(): Promise<StateResource[]> {
    const { output } = await this.pulumi(["stack", "export"]);
    const state = JSON.parse(output) as { deployment: { resources?: StateResource[] } };
    return state.deployment.resources ?? [];
  }

  /** Outputs, secrets in the clear. */
  async outputs(): Promise<Record<string, unknown>> {
    const { output } = await this.pulumi(["stack", "output", "--json", "--show-secrets"]);
    return JSON.parse(output) as Record<string, unknown>;
  }

  /** Any Pulumi command, without a terminal. In another environment Pulumi starts the plug-ins itself. */
  async pulumi(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Run> {
    if (this.#plugins?.isRunning === false) this.#plugins = undefined;
    if (environment === undefined && needsPlugins(args))
      this.#plugins ??= await RunningPlugins.start(REPOSITORY, { cwd: this.directory, env: this.environment });
    const env = environment ?? { ...this.environment, ...this.#plugins?.environment };
    const log = join(this.directory, `.events-${process.hrtime.bigint()}.json`);
    const isOperation = ["up", "preview", "refresh", "destroy"].includes(args[0] ?? "");
    const flags = [...(isOperation ? ["--event-log", log] : []), "--non-interactive", "--color", "never"];
    return new Promise((resolve) => {
      execFile(
        this.#pulumi,
        [...args, ...flags],
        { cwd: this.directory, env, maxBuffer: 1 << 28 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
          resolve({
            code,
            output: isOperation ? `${stdout}${stderr}` : code === 0 ? stdout : `${stdout}${stderr}`,
            operations: isOperation ? readOperations(log) : [],
          });
        },
      );
    });
  }

  /** Ends the plug-ins, which have the rack open; the next run starts them again. */
  async stopPlugins(): Promise<void> {
    await this.#plugins?.stop();
    this.#plugins = undefined;
  }

  async close(): Promise<void> {
    await this.stopPlugins();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

interface EngineEvent {
  readonly resourcePreEvent?: {
    readonly metadata: { readonly op: string; readonly urn: string; readonly type: string };
  };
}

function readOperations(log: string): string[] {
  let text: string;
  try {
    text = readFileSync(log, "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const metadata = (JSON.parse(line) as EngineEvent).resourcePreEvent?.metadata;
      if (
        metadata === undefined ||
        metadata.op === "same" ||
        metadata.op === "refresh" ||
        metadata.op.startsWith("read")
      )
        return [];
      return [`${metadata.op} ${metadata.urn.slice(metadata.urn.lastIndexOf("::") + 2)}`];
    })
    .sort();
}
