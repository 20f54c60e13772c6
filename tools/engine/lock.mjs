// One at a time: two terminals must not build the same thing twice, and a killed one must not block the next.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { SetupError } from "./setup-error.mjs";

const POLL_MS = 500;

/** @typedef {{ pid: number, host: string, since: string }} Owner */

/**
 * Runs `work` while holding the lock `name`; waits for a living holder and takes over from a dead one.
 *
 * @template Result
 * @param {string} directory
 * @param {string} name
 * @param {() => Promise<Result> | Result} work
 * @param {{ timeoutMs?: number, onWait?: (owner: Owner) => void }} [options]
 * @returns {Promise<Result>}
 */
export async function withLock(directory, name, work, { timeoutMs = 45 * 60_000, onWait = () => {} } = {}) {
  const file = join(directory, `${name}.lock`);
  mkdirSync(directory, { recursive: true });
  const giveUpAt = Date.now() + timeoutMs;
  let told = false;
  while (!tryLock(file)) {
    const owner = readOwner(file);
    if (owner === undefined) continue;
    if (!isAlive(owner)) {
      breakLock(file, owner);
      continue;
    }
    if (Date.now() > giveUpAt) {
      throw new SetupError(`still waiting for process ${owner.pid} on ${owner.host}, since ${owner.since}`, {
        todo: [`see whether it is still at work, end it if not`, `if there is no such process, delete ${file}`],
      });
    }
    if (!told) onWait(owner);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Whether the process that took a lock is still there. One on another machine cannot be asked and counts as alive.
 *
 * @param {{ pid: number, host: string }} owner
 */
export function isAlive(owner) {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but another user's.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/** @param {string} file */
function tryLock(file) {
  // Written aside and linked into place: a lock file that is there always says whose it is.
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() }));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/**
 * @param {string} file
 * @returns {Owner | undefined} undefined where the lock has just been given back
 */
function readOwner(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * @param {string} file
 * @param {Owner} dead
 */
function breakLock(file, dead) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return; // somebody else was quicker
  }
  const taken = readOwner(aside);
  // Between our look and our rename another one may have broken the lock and taken it: give it back.
  if (taken !== undefined && (taken.pid !== dead.pid || taken.since !== dead.since)) linkSync(aside, file);
  rmSync(aside, { force: true });
}
