import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { REPOSITORY } from "../../../tools/engine/engine-version.ts";

const PRELOAD = join(REPOSITORY, "tools/engine/error-display.cjs");

/** What a program prints that runs with the preload; a minute is for ever. */
function run(program: string): string {
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  return execFileSync(process.execPath, ["--require", PRELOAD, "--eval", program], options).trim();
}

const show = (frame: string): string => `
  const error = new Error("no cable");
  error.stack = "Error: no cable\\n    at plug (${frame})";
  console.log(JSON.stringify(require("util").inspect(error, { colors: true })));`;

describe("showing errors", () => {
  for (const frame of ["/r/node_modules/@pulumi/resource.ts:1:2", "/r/node_modules/index.js:1:2"]) {
    it(`comes to an end with ${frame}`, () => {
      assert.equal(JSON.parse(run(show(frame))), `Error: no cable\n    at plug (${frame})`);
    });
  }

  it("is in colour where that is safe", () => {
    const shown: string = JSON.parse(run(show("/r/node_modules/@pulumi/pulumi/resource.js:1:2")));
    assert.ok(shown.includes("\u001b["), shown);
  });

  it("keeps everything else that inspect is and has", () => {
    const program = `
      const { inspect } = require("util");
      const custom = { [inspect.custom]: () => "mine" };
      console.log(inspect(custom), inspect({ a: [1] }, false, 0), typeof inspect.defaultOptions, inspect.name);`;
    assert.equal(run(program), "mine { a: [Array] } object inspect");
  });

  it("the trap is told by the frame alone", () => {
    const { isTrap } = createRequire(import.meta.url)(PRELOAD) as { isTrap(stack: string): boolean };
    assert.equal(isTrap("Error: x\n    at a (/r/node_modules/@pulumi/pulumi/resource.js:1:2)"), false);
    assert.equal(isTrap("Error: x\n    at a (/r/plan/ipv4.ts:1:2)"), false);
  });
});
