import assert from "node:assert/strict";
import type { Evidence } from "../../conformance/piece.ts";
import { parseEvidence, renderVerified } from "../../conformance/render-verified.ts";

const piece = (subject: string, states: Evidence["tests"][number]["state"][]): Evidence => ({
  subject,
  against: "the real thing v1",
  limit: "heat | noise",
  tests: states.map((state, i) => ({ title: `check ${i + 1}`, state })),
});

describe("the page of what has been verified", () => {
  it("counts what passed, and says of each check what came of it", () => {
    const page = renderVerified([piece("switches", ["passed", "failed", "skipped"])]);
    assert.match(page, /\| switches \| the real thing v1 \| 1 of 3 \| heat \\\| noise \|/);
    assert.match(page, /- check 1: yes\n- check 2: \*\*no\*\*\n- check 3: not run\n/);
  });

  it("does not depend on the order in which the suites ended", () => {
    const [a, b] = [piece("a", ["passed"]), piece("b", ["passed"])];
    assert.equal(renderVerified([a, b]), renderVerified([b, a]));
  });

  it("reads what the suites left behind, a line a piece", () => {
    const pieces = [piece("a", ["passed"]), piece("b", [])];
    assert.deepEqual(parseEvidence(`${pieces.map((p) => JSON.stringify(p)).join("\n")}\n`), pieces);
    assert.deepEqual(parseEvidence(""), []);
  });
});
