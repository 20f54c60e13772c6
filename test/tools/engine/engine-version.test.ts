import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { goMismatch } from "../../../tools/engine/engine-build.ts";
import { engineMismatch, engineVersion, REPOSITORY } from "../../../tools/engine/engine-version.ts";

describe("which engine will do", () => {
  it("is that of the SDK, and the pinned Go modules are the same version", () => {
    const pins = readFileSync(join(REPOSITORY, "tools/engine/go/go.mod"), "utf8");
    for (const module of ["pkg", "sdk"]) {
      assert.match(
        pins,
        new RegExp(`github.com/pulumi/pulumi/${module}/v3 v${engineVersion().replaceAll(".", "[.]")}\\s`),
      );
    }
  });

  for (const [found, reason] of [
    ["v3.250.0", ""],
    ["v3.270.1", ""],
    ["v3.249.9", "it is v3.249.9, older than 3.250.0"],
    ["v4.0.0", "it is v4.0.0, another major version than 3.250.0"],
    ["pulumi: not found", 'it does not say its version ("pulumi: not found")'],
  ] as const) {
    it(`${found}: ${reason || "will do"}`, () => assert.equal(engineMismatch(found, "3.250.0"), reason));
  }

  for (const [code, output, reason] of [
    [0, "go1.26.8\n", ""],
    [0, "go1.25\n", ""],
    [0, "go1.21.3\n", "Go 1.21.3 is too old, 1.25.0 is needed"],
    [127, "", "there is no Go on PATH"],
    [0, "devel\n", 'go does not say its version ("devel")'],
  ] as const) {
    it(`building with ${output.trim() || "no Go"}: ${reason || "will do"}`, () => {
      assert.equal(goMismatch(code, output), reason);
    });
  }
});
