// One Pulumi command on a simulated rack: everything that has to be right before it, in order.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { type Engine, ensureEngine } from "./engine.ts";
import { REPOSITORY } from "./engine-version.ts";
import { labEnvironment, labFolders } from "./lab-environment.ts";
import { parseStackArguments, requireLabStack } from "./lab-stacks.ts";
import { type FindCreated, settle } from "./pending-creates.ts";
import { furnishPulumiHome } from "./pulumi-home.ts";
import { capture, handOver } from "./run-command.mjs";
import { needsPlugins, RunningPlugins } from "./running-plugins.ts";
import { SetupError } from "./setup-error.mjs";
import { restoreStateFile, stateFile } from "./state-file.ts";
import { stateLocks } from "./state-lock.ts";

/** A stack on a simulated rack, ready for Pulumi. */
export class LabSession {
  readonly stack: string;
  /** Arguments of the command line that are Pulumi's. */
  readonly rest: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly #engine: Engine;
  readonly #state: string;
  readonly #project: string;
  readonly #repository: string;
  #plugins: Promise<RunningPlugins> | undefined;

  /** Brings the engine, the plug-ins and the stack; refuses one that somebody else is working on. */
  static async open(commandLine: readonly string[], repository: string = REPOSITORY): Promise<LabSession> {
    const { stack, rest } = parseStackArguments(commandLine);
    requireLabStack(stack, repository);
    const session = new LabSession(stack, rest, await ensureEngine(), repository);
    session.#refuseIfInUse();
    session.#restoreState();
    await session.#createStack();
    await session.#clearStaleLocks();
    return session;
  }

  private constructor(stack: string, rest: readonly string[], engine: Engine, repository: string) {
    const folders = labFolders();
    mkdirSync(folders.state, { recursive: true });
    furnishPulumiHome(repository, join(repository, "lab", "bin"), folders.pulumiHome);
    this.#repository = repository;
    // For what this process itself does to the rack, from whatever folder it was started in.
    process.env["RACK_HOME"] = folders.racks;
    this.stack = stack;
    this.rest = rest;
    this.environment = labEnvironment(stack, engine, folders);
    this.#engine = engine;
    this.#state = folders.state;
    this.#project = parse(readFileSync(join(repository, "Pulumi.yaml"), "utf8")).name;
  }

  /** Starts the plug-ins, so that they run by the time that they are needed. */
  startPlugins(): Promise<RunningPlugins> {
    this.#plugins ??= RunningPlugins.start(this.#repository, { cwd: this.#repository, env: this.environment });
    // Who needs them hears of it.
    this.#plugins.catch(() => {});
    return this.#plugins;
  }

  /** Runs Pulumi with the terminal handed over; returns its exit code. */
  async pulumi(pulumiArguments: readonly string[]): Promise<number> {
    const env = await this.#environmentFor(pulumiArguments);
    return handOver(this.#engine.pulumi, pulumiArguments, { cwd: this.#repository, env });
  }

  /** Settles what a killed run left half done, so that the next one goes on from there. */
  async resume(find: FindCreated): Promise<void> {
    const file = join(this.#state, ".pulumi", "stacks", this.#project, `${this.stack}.json`);
    // Almost always nothing is pending: a look at the file spares starting Pulumi.
    if (!readFileSync(file, "utf8").includes('"pending_operations"')) return;
    const purpose = "settling what the last run left half done";
    const settled = settle(JSON.parse(await this.#quietly(["stack", "export"], purpose)), find);
    if (settled === undefined) return;
    console.error(`setup: the last run was cut off; ${purpose} …`);
    const folder = mkdtempSync(join(tmpdir(), "settle-"));
    try {
      const corrected = join(folder, "stack.json");
      writeFileSync(corrected, JSON.stringify(settled.stack));
      await this.#quietly(["stack", "import", "--file", corrected], purpose);
    } finally {
      rmSync(folder, { recursive: true });
    }
    if (settled.toRead.length === 0) return;
    const targets = settled.toRead.flatMap((urn) => ["--target", urn]);
    await this.#quietly(["refresh", "--yes", "--skip-preview", ...targets], purpose);
  }

  #refuseIfInUse(): void {
    const living = stateLocks(this.#state, this.#project, this.stack).find(({ alive }) => alive);
    if (living === undefined) return;
    throw new SetupError(
      `stack ${this.stack} is in use by process ${living.pid} on ${living.host}, since ${living.since}`,
      {
        todo: [
          "wait until it is done",
          `if there is no such process: npm run pulumi -- cancel --yes --stack ${this.stack}`,
        ],
      },
    );
  }

  #restoreState(): void {
    if (!restoreStateFile(stateFile(this.#state, this.#project, this.stack))) return;
    console.error(`setup: the state of ${this.stack} was cut off while it was written; going on from its backup …`);
  }

  async #createStack(): Promise<void> {
    if (existsSync(stateFile(this.#state, this.#project, this.stack))) return;
    await this.#quietly(["stack", "init", this.stack, "--no-select"], `creating stack ${this.stack}`);
  }

  async #clearStaleLocks(): Promise<void> {
    const [lock] = stateLocks(this.#state, this.#project, this.stack);
    if (lock === undefined) return;
    console.error(`setup: clearing the lock that process ${lock.pid} left when it was killed …`);
    await this.#quietly(["cancel", "--yes"], "clearing the lock of a killed process");
  }

  async #environmentFor(pulumiArguments: readonly string[]): Promise<NodeJS.ProcessEnv> {
    if (!needsPlugins(pulumiArguments)) return this.environment;
    return { ...this.environment, ...(await this.startPlugins()).environment };
  }

  /** Runs Pulumi without a display; returns what it printed. */
  async #quietly(pulumiArguments: readonly string[], purpose: string): Promise<string> {
    const flags = ["--non-interactive", "--color", "never"];
    const result = await capture(this.#engine.pulumi, [...pulumiArguments, ...flags], {
      cwd: this.#repository,
      env: await this.#environmentFor(pulumiArguments),
    });
    if (result.code === 0) return result.stdout;
    throw new SetupError(`${purpose} failed: pulumi ${pulumiArguments[0]} ended with exit code ${result.code}`, {
      why: `${result.stderr}\n${result.stdout}`.trim().split("\n").slice(-15).join("\n"),
      todo: [`start this rack over: npm run lab reset, and delete ${this.#state}`],
    });
  }
}
