// Preloaded into the program by Pulumi.yaml (`nodeargs`). The SDK notes a stack trace for every property of every
// resource, mapped through source maps, and prints it only under PULUMI_DEBUG_PROMISE_LEAKS: 90 % of the time that a
// resource costs in the program. This turns the capture off inside that one function. Nor are source maps needed: Node.js
// strips types in place, so that every line and column is the one in the file. Leaks are found as before, and errors of the
// program keep their stacks. Where the SDK is not as expected, nothing is touched.
const Module = require("node:module");

/**
 * Makes `debuggablePromise` of the SDK's module capture empty stacks.
 *
 * @param {unknown} debuggable exports of `@pulumi/pulumi/runtime/debuggable`
 * @returns {boolean} false where it is not as expected and was left alone
 */
function withoutStacks(debuggable) {
  if (typeof debuggable !== "object" || debuggable === null) return false;
  const property = Object.getOwnPropertyDescriptor(debuggable, "debuggablePromise");
  const original = property?.value;
  if (property?.writable !== true || typeof original !== "function" || original.length !== 2) return false;
  /** @type {{ debuggablePromise: unknown }} */ (debuggable).debuggablePromise = function debuggablePromise(
    /** @type {unknown} */ promise,
    /** @type {unknown} */ context,
  ) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return original(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
  return true;
}

/** Whether the SDK's runner asks for stack traces to be mapped. @param {string} request @param {string} [from] */
function isSourceMaps(request, from = "") {
  return request === "source-map-support/register" && /@pulumi[\\/]pulumi[\\/]cmd[\\/]run[\\/]/.test(from);
}

/** @typedef {(request: string, parent: { filename?: string } | undefined, isMain: boolean) => unknown} Load */

/**
 * Watches for the SDK's module to be loaded: loading it ourselves would change the order in which the SDK's parts,
 * which import each other in circles, come to life.
 */
function watchForSdk() {
  const loader = /** @type {{ _load?: Load }} */ (/** @type {unknown} */ (Module));
  const load = loader._load;
  if (typeof load !== "function") return;
  /** @type {WeakSet<object>} */
  const seen = new WeakSet();
  loader._load = function (request, parent, isMain) {
    if (isSourceMaps(request, parent?.filename)) return {};
    const loaded = load.call(this, request, parent, isMain);
    if (!/(^|\/)debuggable(\.js)?$/.test(request)) return loaded;
    if (!/@pulumi[\\/]pulumi[\\/]/.test(`${parent?.filename} ${request}`)) return loaded;
    if (typeof loaded !== "object" || loaded === null || seen.has(loaded)) return loaded;
    // Half-loaded in an import circle: it is asked for again when it is whole.
    if (withoutStacks(loaded)) seen.add(loaded);
    return loaded;
  };
}

// Whoever looks for a leak wants the stacks.
if (!process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) watchForSdk();

module.exports = { withoutStacks };
