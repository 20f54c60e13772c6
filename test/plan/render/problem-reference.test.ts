import assert from "node:assert/strict";
import { renderProblemReference } from "../../../plan/render/problem-reference.ts";

describe("page of the problems", () => {
  it("shows of each mistake what the code itself says, and how bad it is", () => {
    const page = renderProblemReference(
      [
        {
          code: "bond-name",
          cases: [
            {
              about: "A bad name.",
              problems: ["warning x: other  [other-code]", "error a.b: no <name>; do this  [bond-name]"],
            },
          ],
        },
      ],
      "source",
    );
    assert.match(page, /1 codes, 1 of them errors/);
    assert.ok(page.includes("## bond-name\n\n**error**\n\n- A bad name.\n\n  > a.b: no \\<name>; do this\n"));
    assert.doesNotMatch(page, /other-code/);
  });
});
