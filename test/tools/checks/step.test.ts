import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { endToEndTests, unitTests } from "../../../tools/checks/mocha-step.ts";
import { closingLine } from "../../../tools/checks/step.ts";
import { REPOSITORY } from "../../../tools/engine/engine-version.ts";

describe("the closing line of a test run", () => {
  it("has the counts, and skipped ones only where there are some", () => {
    assert.equal(closingLine({ passed: 12, failed: 0, skipped: 0 }), "12 passed, 0 failed");
    assert.equal(closingLine({ passed: 12, failed: 1, skipped: 2 }), "12 passed, 1 failed, 2 skipped");
  });
});

describe("which tests run", () => {
  it("every test file is in exactly one of the two suites, and is there", () => {
    const [unit, endToEnd] = [unitTests(), endToEndTests()];
    assert.ok(unit.includes("test/tools/checks/step.test.ts"));
    assert.ok(endToEnd.includes("test/e2e/language-host.test.ts"));
    assert.equal(new Set([...unit, ...endToEnd]).size, unit.length + endToEnd.length);
    for (const file of [...unit, ...endToEnd]) assert.ok(existsSync(join(REPOSITORY, file)), file);
  });
});
