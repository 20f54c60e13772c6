// Finds a Node.js that runs TypeScript as it is: the present one, else one fetched from the npm registry.
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheLayout } from "./cache.mjs";
import { withLock } from "./lock.mjs";
import { runNpm } from "./npm-client.mjs";
import { withProgress } from "./progress.mjs";
import { capture } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";
import { compareVersions, NODE_VERSION, OLDEST_NODE } from "./versions.mjs";

/** @typedef {{ os: string, arch: string }} Platform */

const PACKAGED = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);

/**
 * Name of the npm package that carries Node.js for a platform; undefined where there is none.
 *
 * @param {Platform} platform
 */
export function nodePackage({ os, arch }) {
  return PACKAGED.has(`${os}-${arch}`) ? `node-${os}-${arch}` : undefined;
}

/**
 * True where this Node.js needs no other.
 *
 * @param {string} version
 */
export function isNodeRecentEnough(version) {
  return compareVersions(version, OLDEST_NODE) >= 0;
}

/** Path of a `node` that is recent enough, fetched where necessary. */
export async function ensureNode() {
  if (isNodeRecentEnough(process.versions.node)) return process.execPath;
  const layout = cacheLayout();
  const platform = { os: process.platform, arch: process.arch };
  const name = nodePackage(platform);
  if (name === undefined) throw tooOld(`there is no ready Node.js package for ${platform.os} ${platform.arch}`);
  const home = layout.node(NODE_VERSION);
  const node = join(home, "node_modules", name, "bin", "node");
  if (existsSync(node)) return node;
  return withLock(layout.locks, `node-${NODE_VERSION}`, async () => {
    if (existsSync(node)) return node;
    await withProgress(`Node.js ${NODE_VERSION} from the npm registry (present: ${process.versions.node})`, () =>
      fetchNode(name, home),
    );
    return node;
  });
}

/**
 * @param {string} name
 * @param {string} home
 */
async function fetchNode(name, home) {
  const part = `${home}.part`;
  // A half-written folder is worth nothing: npm's own cache is what makes a second try quick.
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
  await runNpm(["install", "--prefix", part, ...flags, `${name}@${NODE_VERSION}`], { purpose: "fetching Node.js" });
  const { code, stdout, stderr } = await capture(join(part, "node_modules", name, "bin", "node"), ["--version"]);
  if (code !== 0 || stdout.trim() !== `v${NODE_VERSION}`) {
    throw tooOld(`the fetched Node.js does not start here: ${stderr.trim() || stdout.trim() || `exit code ${code}`}`);
  }
  mkdirSync(dirname(home), { recursive: true });
  rmSync(home, { recursive: true, force: true });
  renameSync(part, home);
}

/** @param {string} why */
function tooOld(why) {
  return new SetupError(`Node.js ${process.versions.node} is too old: this needs ${OLDEST_NODE} or newer`, {
    why,
    todo: [`install Node.js ${OLDEST_NODE} or newer (https://nodejs.org) and run the same command again`],
  });
}
