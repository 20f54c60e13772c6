// Starts `@pulumi/pulumi/cmd/run` for one update and says how it ended.
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import { splitArguments } from "./split-arguments.ts";

/** The SDK exits with this when it has already told the person what to do; the engine then adds nothing. */
const EXIT_ALREADY_EXPLAINED = 32;
const STOP_GRACE_MS = 5000;

/** How a program ended: `error` empty and no `bail` means well. */
export interface Outcome {
  readonly error: string;
  readonly bail: boolean;
}

/** A program under way. */
export interface RunningProgram {
  readonly outcome: Promise<Outcome>;
  /** Interrupts it, and ends it for good when it has not left in five seconds. */
  stop(): void;
}

/** The programs this host has started and that have not ended. */
export class RunningPrograms {
  readonly #running = new Set<RunningProgram>();

  start(request: RunRequest, engineAddress: string): RunningProgram {
    const program = startProgram(request, engineAddress);
    this.#running.add(program);
    void program.outcome.finally(() => this.#running.delete(program));
    return program;
  }

  stopAll(): void {
    for (const program of this.#running) program.stop();
  }
}

function startProgram(request: RunRequest, engineAddress: string): RunningProgram {
  const failed = (error: string): RunningProgram => ({
    outcome: Promise.resolve({ error, bail: false }),
    stop: () => {},
  });
  if (request.getAttachDebugger()) {
    return failed("this stand-in language host cannot attach a debugger; install Pulumi and use its own");
  }
  const info = request.getInfo();
  const programDirectory = info?.getProgramDirectory() ?? request.getPwd();
  const options = info?.getOptions()?.toJavaScript() ?? {};
  let runModule: string;
  try {
    runModule = createRequire(join(programDirectory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    return failed(`no @pulumi/pulumi in reach of ${programDirectory}; run npm ci there`);
  }
  const nodeArguments = splitArguments(String(options["nodeargs"] ?? ""));
  // `node` from PATH and not this process' own: the person's choice of runtime stays theirs.
  const child = spawn("node", [...nodeArguments, runModule, ...runArguments(request, engineAddress)], {
    env: { ...process.env, ...programEnvironment(request, options) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { outcome: outcomeOf(child), stop: () => stop(child) };
}

/** The command line that `cmd/run` reads. */
function runArguments(request: RunRequest, engineAddress: string): string[] {
  const info = request.getInfo();
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info?.getRootDirectory() ?? "",
    stack: request.getStack(),
    pwd: info?.getProgramDirectory() ?? request.getPwd(),
  };
  return [
    ...Object.entries(flags).flatMap(([flag, value]) => (value === "" ? [] : [`--${flag}`, value])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    "--parallel",
    String(request.getParallel()),
    info?.getEntryPoint() || ".",
    ...request.getArgsList(),
  ];
}

function programEnvironment(request: RunRequest, options: Record<string, unknown>): Record<string, string> {
  const config: Record<string, string> = {};
  for (const [key, value] of request.getConfigMap().entries()) config[configKey(key)] = value;
  return {
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    // Pulumi takes TypeScript for granted unless the project says otherwise.
    ...(options["typescript"] === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(typeof options["tsconfig"] === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: options["tsconfig"] } : {}),
  };
}

/** `project:name` in the three-part form that every version of the SDK reads. */
export function configKey(key: string): string {
  const [namespace = "", ...name] = key.split(":");
  return name[0] === "config" ? key : `${namespace}:config:${name.join(":")}`;
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  // Through pipes of our own: a program may switch the streams it shares with us to non-blocking and lose our output.
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  let lastErrors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    lastErrors = (lastErrors + chunk.toString()).slice(-4096);
  });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ error: `cannot start node: ${error.message}`, bail: false }));
    child.on("close", (code, signal) => resolve(outcomeFor(code, signal, lastErrors)));
  });
}

/** What an exit code means to the engine. */
export function outcomeFor(code: number | null, signal: string | null, lastErrors: string): Outcome {
  if (code === 0) return { error: "", bail: false };
  if (code === EXIT_ALREADY_EXPLAINED) return { error: "", bail: true };
  const how = code === null ? `was ended by ${signal}` : `exited with non-zero exit code: ${code}`;
  const remedy = lastErrors.includes("heap out of memory")
    ? "; it ran out of memory, give it more with NODE_OPTIONS=--max-old-space-size=<MiB>"
    : "";
  return { error: `Program ${how}${remedy}`, bail: false };
}

function stop(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS).unref();
}
