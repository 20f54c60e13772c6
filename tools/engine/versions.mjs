// The versions that the tools choose by. Pulumi's is not here: it is that of `@pulumi/pulumi` in package.json.

/** Node.js to fetch where the present one is too old. */
export const NODE_VERSION = "22.23.3";

/** The oldest Node.js that reads TypeScript as it is, without a flag. */
export const OLDEST_NODE = "22.18.0";

/**
 * A negative number, 0 or a positive number as `left` is older than, equal to or newer than `right`. A leading `v` and
 * anything after the three numbers is ignored.
 *
 * @param {string} left
 * @param {string} right
 */
export function compareVersions(left, right) {
  const [a, b] = [numbers(left), numbers(right)];
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/**
 * True where `text` starts like `1.2.3` or `v1.2.3`.
 *
 * @param {string} text
 */
export function isVersion(text) {
  return /^v?\d+\.\d+\.\d+/.test(text);
}

/**
 * @param {string} version
 * @returns {[number, number, number]}
 */
function numbers(version) {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  if (patch === undefined) throw new Error(`not a version: ${JSON.stringify(version)}`);
  return [Number(major), Number(minor), Number(patch)];
}
