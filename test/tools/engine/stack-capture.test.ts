import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { REPOSITORY } from "../../../tools/engine/engine-version.ts";

const PRELOAD = join(REPOSITORY, "tools/engine/stack-capture.cjs");
const { withoutStacks } = createRequire(import.meta.url)(PRELOAD) as { withoutStacks(module: unknown): boolean };

/** What a program prints that runs with the preload. */
function run(program: string, environment: Record<string, string> = {}): string {
  const options = { cwd: REPOSITORY, encoding: "utf8", env: { ...process.env, ...environment } } as const;
  return execFileSync(process.execPath, ["--require", PRELOAD, "--eval", program], options).trim();
}

const STACK_OF_PROMISE = `
  const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
  const promise = Promise.resolve(1);
  debuggablePromise(promise, "test");
  const frames = (stack) => stack.split("\\n").length - 1;
  console.log(frames(promise._debugStackTrace), frames(new Error("mine").stack) > 0, Error.stackTraceLimit);`;

describe("stack-capture preload", () => {
  it("takes the stack out of the SDK's promises, and out of nothing else", () => {
    assert.equal(run(STACK_OF_PROMISE), "0 true 10");
  });

  it("leaves the stacks to whoever looks for a leak", () => {
    assert.match(run(STACK_OF_PROMISE, { PULUMI_DEBUG_PROMISE_LEAKS: "1" }), /^[1-9]\d* true 10$/);
  });

  it("spares the SDK's runner source maps, and leaves them to everybody else", () => {
    const isMapped = (from: string) =>
      run(`const before = Error.prepareStackTrace;
        require("node:module").createRequire(require.resolve(${JSON.stringify(from)}))("source-map-support/register");
        console.log(Error.prepareStackTrace !== before);`);
    assert.equal(isMapped("@pulumi/pulumi/cmd/run/run.js"), "false");
    assert.equal(isMapped("@pulumi/pulumi/index.js"), "true");
  });

  it("touches nothing where the SDK is not as expected", () => {
    const frozen = Object.freeze({ debuggablePromise: (_promise: unknown, _context: unknown) => {} });
    const others = [undefined, {}, { debuggablePromise: "text" }, { debuggablePromise: (_one: unknown) => {} }, frozen];
    assert.deepEqual(others.map(withoutStacks), [false, false, false, false, false]);
  });

  it("gives the limit back when the SDK throws", () => {
    const module = {
      debuggablePromise: (_promise: unknown, _context: unknown): void => {
        throw new Error("from the SDK");
      },
    };
    const limit = Error.stackTraceLimit;
    assert.equal(withoutStacks(module), true);
    assert.throws(() => module.debuggablePromise(1, 2), { message: "from the SDK" });
    assert.equal(Error.stackTraceLimit, limit);
  });
});
