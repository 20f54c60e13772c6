// Programs that run on loopback for as long as a test does: what they say is kept in a folder that goes with them.
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Running {
  readonly name: string;
  readonly child: ChildProcess;
}

/** Programs that belong together. */
export class Processes {
  /** What they keep, until they are stopped. */
  readonly folder = mkdtempSync(join(tmpdir(), "conformance-"));
  readonly #running: Running[] = [];
  readonly #servers: Server[] = [];

  /** Starts a program; what comes back is its process id. */
  start(name: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): number {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env, cwd: this.folder });
    const log = createWriteStream(this.#log(name));
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.on("error", (error) => log.write(`${error.message}\n`));
    this.#running.push({ name, child });
    return child.pid ?? 0;
  }

  /** Takes charge of what listens in this process for them. */
  own(server: Server): void {
    this.#servers.push(server);
  }

  /** The last lines a program said. */
  said(name: string, lines = 5): string {
    return readFileSync(this.#log(name), "utf8").trim().split("\n").slice(-lines).join("\n");
  }

  /**
   * Asks until there is an answer; what is thrown counts as none.
   * @throws when a program has ended, or nothing came in time
   */
  async until<T>(what: string, probe: () => Promise<T | undefined>, timeoutMs = 120_000): Promise<T> {
    const end = Date.now() + timeoutMs;
    let last = "";
    while (Date.now() < end) {
      const dead = this.#running.find(({ child }) => child.exitCode !== null || child.signalCode !== null);
      if (dead !== undefined) throw new Error(`${what}: ${dead.name} has ended\n${this.said(dead.name)}`);
      try {
        const answer = await probe();
        if (answer !== undefined) return answer;
      } catch (error) {
        last = error instanceof Error ? `; ${error.message}` : "";
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const said = this.#running.map(({ name }) => `${name}: ${this.said(name, 2)}`).join("\n");
    throw new Error(`${what}: not after ${timeoutMs / 1000} s${last}\n${said}`);
  }

  /** Ends all of them and deletes what they kept. */
  async stop(): Promise<void> {
    // Last first: nobody complains that what it talks to is gone.
    for (const { child } of this.#running.reverse()) await ended(child);
    for (const server of this.#servers) server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #log(name: string): string {
    return join(this.folder, `${name}.log`);
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  // A server in the midst of its start takes its time to leave.
  const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
  await exit;
  clearTimeout(timer);
}

/** A port of loopback that nobody uses. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
