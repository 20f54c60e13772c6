// Preloaded into everything of ours that Pulumi starts. Node.js strips the types of every file anew at every start, which
// is most of the time that loading our own files takes; V8's compiled code it keeps only where a variable says so. Here
// both are kept, in the project's cache. Where Node.js has no such hooks, or the cache cannot be written, all is as before.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { join, resolve, sep } = require("node:path");
const { fileURLToPath } = require("node:url");

// When a process that is not yet done writes down what it has compiled: by then it does what it is there for.
const FLUSH_MS = 1500;

const REPOSITORY = resolve(__dirname, "..", "..") + sep;

/** @param {string} text */
function fingerprint(text) {
  return createHash("sha1").update(text).digest("hex");
}

/**
 * What stands in `file` without its types, from `folder` or into it. One entry for each file, so that the cache does not
 * grow with every edit; its last line says which text it was made of.
 *
 * @param {string} file
 * @param {string} folder
 */
function stripped(file, folder) {
  const source = readFileSync(file, "utf8");
  const entry = join(folder, fingerprint(file));
  const mark = `\n// ${fingerprint(source)}\n`;
  try {
    const kept = readFileSync(entry, "utf8");
    if (kept.endsWith(mark)) return kept;
  } catch {
    // Not there yet.
  }
  const code = Module.stripTypeScriptTypes(source) + mark;
  try {
    const part = `${entry}.${process.pid}.part`;
    writeFileSync(part, code);
    renameSync(part, entry);
  } catch {
    // A cache that cannot be written costs time and nothing else.
  }
  return code;
}

/** Whether a module is TypeScript of this repository. @param {string} url */
function isOurs(url) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return false;
  const file = fileURLToPath(url);
  return file.startsWith(REPOSITORY) && !file.includes(`${sep}node_modules${sep}`);
}

/** @param {string} folder */
function stripFromCache(folder) {
  mkdirSync(folder, { recursive: true });
  Module.registerHooks({
    load: (url, context, next) =>
      isOurs(url)
        ? { format: "module", source: stripped(fileURLToPath(url), folder), shortCircuit: true }
        : next(url, context),
  });
}

/**
 * Folder of the compiled code for a process by what it runs. The SDK sets a flag of V8 while it loads
 * (`--allow-natives-syntax`), and V8 refuses code that was compiled under other flags: in one folder the program and the
 * plug-ins would refuse each other's, and write everything anew at every run.
 *
 * @param {string} folder
 * @param {string} entryPoint
 */
function compileCacheOf(folder, entryPoint) {
  return join(folder, /@pulumi[\\/]pulumi[\\/]cmd[\\/]/.test(entryPoint) ? "program" : "others");
}

/** Starts both caches; false where this Node.js has not what it takes. */
function start() {
  if (typeof Module.registerHooks !== "function" || typeof Module.stripTypeScriptTypes !== "function") return false;
  try {
    const { cacheLayout } = /** @type {typeof import("./cache.mjs")} */ (require("./cache.mjs"));
    const { compileCache, strippedTypes } = cacheLayout();
    Module.enableCompileCache(compileCacheOf(compileCache, process.argv[1] ?? ""));
    stripFromCache(join(strippedTypes, process.version));
    // At its end a process does this by itself, but plug-ins are killed.
    setTimeout(() => Module.flushCompileCache(), FLUSH_MS).unref();
    return true;
  } catch {
    return false;
  }
}

module.exports = { isStarted: start(), isOurs, stripped };
