// Preloaded into the program by Pulumi.yaml (`nodeargs`). Node.js 22.20 to 22.23 and some 24 and 26 need half a minute
// and all memory to show an error in colour whose stack has a file right under node_modules/@scope
// (https://github.com/nodejs/node/issues/64011), and every stack of a Pulumi program has one, by way of source maps.
// Such errors are shown without colour.
const util = require("node:util");

/**
 * Whether Node.js would not come to an end with this stack: a frame with nothing after the package's name.
 *
 * @param {string} stack
 */
function isTrap(stack) {
  return stack.split("\n").some((line) => /[\\/]node_modules[\\/](@[^\\/]*[\\/])?[^\\/]*$/.test(line));
}

/**
 * The same `inspect`, without colour for errors that it would choke on.
 *
 * @param {typeof util.inspect} inspect
 * @returns {typeof util.inspect}
 */
function guarded(inspect) {
  /**
   * @param {unknown} value
   * @param {...any} options
   */
  function safeInspect(value, ...options) {
    const [first] = options;
    const isColoured = typeof first === "object" && first !== null && first.colors === true;
    if (isColoured && util.types.isNativeError(value) && isTrap(String(value.stack))) {
      return inspect(value, { ...first, colors: false });
    }
    return inspect(value, ...options);
  }
  // `custom`, `defaultOptions`, `styles` and the others are read from the function.
  return Object.defineProperties(
    /** @type {typeof util.inspect} */ (safeInspect),
    Object.getOwnPropertyDescriptors(inspect),
  );
}

util.inspect = guarded(util.inspect);

module.exports = { guarded, isTrap };
