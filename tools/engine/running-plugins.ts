// The lab's plug-ins in one process, for an engine to find them running. It would start a process for each, one after the
// other: a third of a preview's time.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { REPOSITORY } from "./engine-version.ts";

/** Commands of Pulumi in which plug-ins have something to do. */
const operations: ReadonlySet<string> = new Set(["up", "preview", "refresh", "destroy", "import", "watch"]);

/** Whether a command line of Pulumi needs plug-ins. */
export const needsPlugins = ([command = ""]: readonly string[]): boolean => operations.has(command);

/** Plug-ins that run, until `stop` or the end of this process. */
export class RunningPlugins {
  /** What tells an engine where they listen. */
  readonly environment: Readonly<Record<"PULUMI_DEBUG_PROVIDERS", string>>;
  readonly #process: ChildProcess;

  /**
   * Starts those of a repository as an engine would: local commands run in the folder `cwd` with the environment `env`.
   * @throws Error when they do not start; what they say goes to standard error
   */
  static async start(
    repository: string,
    { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
  ): Promise<RunningPlugins> {
    const preload = join(REPOSITORY, "tools", "engine", "code-cache.cjs");
    const program = join(repository, "lab", "plugins.ts");
    const child = spawn("node", ["--disable-warning=ExperimentalWarning", "--require", preload, program], {
      cwd,
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const failed = once(child, "exit").then(([code]) => {
      throw new Error(`the lab's plug-ins did not start: ${program} ended with ${code}`);
    });
    const [addresses] = await Promise.race([once(createInterface(child.stdout), "line"), failed]);
    failed.catch(() => {});
    child.stdout.destroy();
    child.unref();
    return new RunningPlugins(child, String(addresses));
  }

  private constructor(child: ChildProcess, addresses: string) {
    this.#process = child;
    this.environment = { PULUMI_DEBUG_PROVIDERS: addresses };
  }

  /** Their process. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** False once they have ended, e.g. by a fault that crashes them: an engine would wait for them in vain. */
  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Ends them once they have answered what they were asked. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.#process, "exit");
    this.#process.ref();
    this.#process.stdin?.end();
    await ended;
  }
}
