// How to call npm: the very one that started us, else the one on PATH.
import { capture } from "./run-command.mjs";
import { SetupError } from "./setup-error.mjs";

/**
 * Program and leading arguments of npm.
 *
 * @param {Readonly<Record<string, string | undefined>>} [environment]
 * @returns {[string, ...string[]]}
 */
export function npmCommand(environment = process.env) {
  const script = environment.npm_execpath;
  // Other package managers set the same variable.
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script)) return [process.execPath, script];
  return [process.platform === "win32" ? "npm.cmd" : "npm"];
}

/**
 * Runs npm; throws with what it said when it fails.
 *
 * @param {readonly string[]} npmArguments
 * @param {{ cwd?: string, purpose: string }} options
 */
export async function runNpm(npmArguments, { cwd, purpose }) {
  const [program, ...leading] = npmCommand();
  const result = await capture(program, [...leading, ...npmArguments], { ...(cwd === undefined ? {} : { cwd }) });
  if (result.code === 0) return;
  if (result.code === 127) {
    throw new SetupError(`${purpose} needs npm, and there is none on PATH`, {
      todo: ["install Node.js together with npm (https://nodejs.org)"],
    });
  }
  const said = result.stderr.split("\n").filter((line) => /npm (error|ERR!)/.test(line) && !line.includes("debug-0"));
  throw new SetupError(`${purpose} failed: npm ${npmArguments[0]} ended with exit code ${result.code}`, {
    why: said.slice(0, 6).join("\n") || result.stderr.slice(-600),
    todo: result.stderr.includes("EUSAGE")
      ? ["bring package-lock.json in line with package.json: npm install"]
      : [
          "see that the npm registry is in reach (npm ping), then run the same command again: it goes on where it stopped",
        ],
  });
}
