// Where everything that is fetched or built once is kept: outside the work tree, so that every clone shares it and
// deleting a clone loses nothing.
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The cache folder: `$XDG_CACHE_HOME/homelab-rack`, else `~/.cache/homelab-rack`.
 *
 * @param {Readonly<Record<string, string | undefined>>} [environment]
 * @param {string} [home]
 */
export function cacheRoot(environment = process.env, home = homedir()) {
  const base = environment.XDG_CACHE_HOME;
  // The XDG specification has relative values ignored.
  return join(base !== undefined && isAbsolute(base) ? base : join(home, ".cache"), "homelab-rack");
}

/**
 * What lies where in the cache.
 *
 * @param {string} [root]
 */
export function cacheLayout(root = cacheRoot()) {
  return {
    root,
    /** V8's compiled code, so that the SDK's 760 modules are not compiled anew each time. */
    compileCache: join(root, "compile"),
    /** Our own files without their types. */
    strippedTypes: join(root, "stripped"),
    locks: join(root, "locks"),
    /** @param {string} version */
    node: (version) => join(root, "node", version),
    /** @param {string} version */
    engine: (version) => join(root, "engine", version),
    /** Downloads under way; they go on where they stopped. */
    downloads: join(root, "downloads"),
    /** The stand-in language host for a Pulumi that came without one. */
    languageHost: join(root, "language-host"),
  };
}
