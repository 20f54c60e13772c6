// A piece of the evidence: a mocha suite that says what it holds the program against. What came of it is written down for docs/generated/verified.md.
import { appendFileSync } from "node:fs";

/** Variable that names the file the evidence goes to; without it nothing is written. */
export const evidenceVariable = "CONFORMANCE_EVIDENCE";

/** What a piece is about. */
export interface Piece {
  /** What of ours is looked at. */
  readonly subject: string;
  /** What it is held against, with its version. */
  readonly against: string;
  /** What only a real rack can show. */
  readonly limit: string;
}

/** What came of a piece. */
export interface Evidence extends Piece {
  readonly tests: readonly { readonly title: string; readonly state: "passed" | "failed" | "skipped" }[];
}

/** A suite that is a piece of evidence. */
export function piece(about: Piece, suite: (this: Mocha.Suite) => void): void {
  describe(`${about.subject} (${about.against})`, function () {
    after(function () {
      const file = process.env[evidenceVariable];
      const parent = this.test?.parent;
      if (file === undefined || parent === undefined) return;
      const evidence: Evidence = { ...about, tests: [...testsOf(parent)] };
      appendFileSync(file, `${JSON.stringify(evidence)}\n`);
    });
    suite.call(this);
  });
}

function* testsOf(suite: Mocha.Suite): Generator<Evidence["tests"][number]> {
  for (const test of suite.tests) {
    // A test that never ran, because a hook before it broke, proves nothing.
    const state = test.state === "passed" ? "passed" : test.isPending() ? "skipped" : "failed";
    yield { title: test.title, state };
  }
  for (const inner of suite.suites) yield* testsOf(inner);
}
