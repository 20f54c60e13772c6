// Preloaded into the program by Pulumi.yaml (`nodeargs`). The SDK loads parts of itself at every start that most programs never
// use: two thirds of its loading time. Here they are loaded when something asks for them. Of zod's messages in fifty languages only
// the English ones stay. Where a package is not as expected, it is loaded as always.
const Module = require("node:module");

/** What is put off: the module that requires it, and its name there. */
const deferred = [
  // npm's own tree builder, for functions that are sent to the engine (dynamic providers).
  { from: /[\\/]runtime[\\/]closure[\\/]codePaths\.js$/, request: /^(@npmcli\/arborist|normalize-package-data)$/ },
  // Exporters of traces, for `--tracing`.
  { from: /[\\/]cmd[\\/]run[\\/]tracing\.js$/, request: /^@opentelemetry\/(?!api$)/ },
  // The Automation API, for programs that run Pulumi themselves.
  { from: /[\\/]pulumi[\\/]index\.js$/, request: /^\.\/automation$/ },
];

/**
 * The SDK's runner starts a debugger in every program, to know the file of a function that cannot be sent to the engine: a tenth of
 * the program's time. Here none is sent: that takes a TypeScript compiler in JavaScript, which TypeScript 7 is not.
 */
const debuggerAtStart = { from: /[\\/]cmd[\\/]run[\\/]index\.js$/, request: /[\\/]closure[\\/]v8Hooks$/ };
const noDebugger = { isInitializedAsync: async () => {} };

const languages = /\/node_modules\/zod\/v4\/locales\/index\.js$/;

/**
 * What the SDK gets in place of a module that one of its own requires; undefined: the module.
 *
 * @param {string} request
 * @param {string} from file of the module that requires it
 * @param {() => object} load
 */
function substitute(request, from, load) {
  if (!/@pulumi[\\/]pulumi[\\/]/.test(from)) return undefined;
  /** @param {{ from: RegExp, request: RegExp }} part */
  const isAbout = (part) => part.request.test(request) && part.from.test(from);
  if (isAbout(debuggerAtStart)) return noDebugger;
  return deferred.some(isAbout) ? lazily(load) : undefined;
}

/**
 * A module that is loaded when something of it is first asked for. It says that it is an ES module, so that the imports
 * that TypeScript makes of it take it as it is and do not copy it.
 *
 * @param {() => object} load
 * @returns {object}
 */
function lazily(load) {
  /** @type {object | undefined} */
  let whole;
  const present = () => {
    whole ??= load();
    return whole;
  };
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === "__esModule") return true;
        const value = Reflect.get(present(), name);
        return name === "default" ? (value ?? whole) : value;
      },
      has: (_, name) => Reflect.has(present(), name),
      ownKeys: () => Reflect.ownKeys(present()),
      getOwnPropertyDescriptor: (_, name) => {
        const property = Reflect.getOwnPropertyDescriptor(present(), name);
        return property === undefined ? undefined : { ...property, configurable: true };
      },
    },
  );
}

/** @typedef {(request: string, parent: { filename?: string } | undefined, isMain: boolean) => any} Load */

function deferParts() {
  const loader = /** @type {{ _load?: Load }} */ (/** @type {unknown} */ (Module));
  const load = loader._load;
  if (typeof load !== "function") return;
  loader._load = function (request, parent, isMain) {
    const really = () => load.call(this, request, parent, isMain);
    return substitute(request, parent?.filename ?? "", really) ?? really();
  };
}

function leaveOutLanguages() {
  if (typeof Module.registerHooks !== "function") return;
  Module.registerHooks({
    load: (url, context, next) =>
      languages.test(url) ? { format: "module", source: "", shortCircuit: true } : next(url, context),
  });
}

deferParts();
leaveOutLanguages();
