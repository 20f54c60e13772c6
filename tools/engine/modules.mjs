// Brings node_modules in line with package-lock.json, and leaves it alone where it already is.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheLayout } from "./cache.mjs";
import { withLock } from "./lock.mjs";
import { runNpm } from "./npm-client.mjs";
import { withProgress } from "./progress.mjs";

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Readonly<Record<string, LockedPackage>> }} LockFile
 */

/**
 * Installs the locked packages where they are missing or others.
 *
 * @param {string} repository
 */
export async function ensureModules(repository) {
  if (isStamped(repository)) return;
  const name = `modules-${hash(repository)}`;
  await withLock(cacheLayout().locks, name, async () => {
    if (isStamped(repository)) return;
    if (!areModulesAsLocked(repository)) {
      await withProgress("packages from the npm registry (npm ci)", () =>
        runNpm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
          cwd: repository,
          purpose: "installing packages",
        }),
      );
    }
    writeFileSync(stampFile(repository), lockHash(repository));
  });
}

/**
 * Whether what npm says it installed is what the lock file asks for. Optional packages may be missing: they are those
 * of other platforms.
 *
 * @param {string} repository
 */
export function areModulesAsLocked(repository) {
  const installedFile = join(repository, "node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = readLock(join(repository, "package-lock.json"));
  const installed = readLock(installedFile);
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (path === "") return true;
    const found = installed[path];
    if (found === undefined) return optional === true || !path.startsWith("node_modules/");
    return found.version === version && found.link === link;
  });
}

/** @param {string} repository */
function isStamped(repository) {
  const stamp = stampFile(repository);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash(repository);
}

/** @param {string} repository */
function stampFile(repository) {
  return join(repository, "node_modules", ".installed-for-lock");
}

/** @param {string} repository */
function lockHash(repository) {
  return hash(readFileSync(join(repository, "package-lock.json"), "utf8"));
}

/** @param {string} text */
function hash(text) {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/**
 * @param {string} file
 * @returns {Readonly<Record<string, LockedPackage>>}
 */
function readLock(file) {
  /** @type {LockFile} */
  const lock = JSON.parse(readFileSync(file, "utf8"));
  return lock.packages ?? {};
}
