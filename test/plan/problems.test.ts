import assert from "node:assert/strict";
import { PlanError, type Problem, renderProblem, sortProblems } from "../../plan/problems.ts";

const problem = (severity: Problem["severity"], path: string, message = "wrong; mend it"): Problem => ({
  code: "bond-name",
  severity,
  path,
  message,
});

describe("problems", () => {
  it("come with errors first, then by path, whatever the order of finding them", () => {
    const sorted = [problem("error", "a"), problem("error", "b"), problem("warning", "a"), problem("note", "a")];
    assert.deepEqual(sortProblems([...sorted].reverse()), sorted);
  });

  it("are one line: severity, place, line, message, code", () => {
    assert.equal(renderProblem(problem("error", "hosts.a")), "error hosts.a: wrong; mend it  [bond-name]");
    assert.equal(
      renderProblem(problem("note", "hosts.a"), () => 12),
      "note hosts.a (line 12): wrong; mend it  [bond-name]",
    );
  });

  it("refuse a description all at once, and count only the errors", () => {
    const error = new PlanError([problem("note", "a"), problem("error", "c"), problem("error", "b")], "Pulumi.x.yaml");
    assert.equal(
      error.message,
      [
        "Pulumi.x.yaml was refused with 2 errors; nothing was changed",
        "  error b: wrong; mend it  [bond-name]",
        "  error c: wrong; mend it  [bond-name]",
        "  note a: wrong; mend it  [bond-name]",
      ].join("\n"),
    );
  });
});
