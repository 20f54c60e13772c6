// Tells a stack that somebody is working on from one whose last worker was killed. Pulumi's file backend leaves the lock
// of a killed process for ever: https://github.com/pulumi/pulumi/issues/8973
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAlive } from "./lock.mjs";

/** Who holds a stack. */
export interface StateLock {
  readonly file: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  /** False only where the process is known to be gone. */
  readonly alive: boolean;
}

/** The locks on one stack of a file backend; empty where nobody works on it. */
export function stateLocks(state: string, project: string, stack: string): StateLock[] {
  const folder = join(state, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readLock(join(folder, name)));
}

function readLock(file: string): StateLock[] {
  let content: { pid?: number; hostname?: string; timestamp?: string };
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return []; // given back, or being written, while we looked
  }
  const { pid = 0, hostname: host = "", timestamp: since = "" } = content;
  return [{ file, pid, host, since, alive: isAlive({ pid, host }) && !isAnotherProgram(pid, host) }];
}

/** Whether the number of a dead Pulumi has gone to some other program since. Linux alone tells the name. */
function isAnotherProgram(pid: number, host: string): boolean {
  const name = `/proc/${pid}/comm`;
  if (host !== hostname() || !existsSync(name)) return false;
  return !readFileSync(name, "utf8").startsWith("pulumi");
}
