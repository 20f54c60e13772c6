// The one form of message for what stands in the way before Pulumi runs.

/** Something the person at the keyboard has to do; shown without a stack. */
export class SetupError extends Error {
  /**
   * @param {string} what what is wrong, in the person's terms
   * @param {{ why?: string, todo: readonly string[] }} details the cause as it was seen, and each way out
   */
  constructor(what, { why = "", todo }) {
    const cause =
      why === ""
        ? []
        : why
            .trim()
            .split("\n")
            .map((line) => `  ${line}`);
    const ways = todo.map((way) => `  - ${way}`);
    super([what, ...cause, todo.length > 1 ? "What helps, any one of:" : "What helps:", ...ways].join("\n"));
    this.name = "SetupError";
  }
}

/**
 * Runs an entry point: a SetupError is printed as it is, anything else with its stack, and both end with exit code 1.
 *
 * @param {() => Promise<number | void> | number | void} main returns the exit code, nothing for 0
 */
export async function runEntryPoint(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    console.error(error instanceof SetupError ? `error: ${error.message}` : error);
    process.exitCode = 1;
  }
}
