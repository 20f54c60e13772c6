import assert from "node:assert/strict";
import { firstDifference } from "../../../tools/docs/first-difference.ts";

describe("firstDifference", () => {
  for (const [what, actual, expected, difference] of [
    ["nothing when both are the same", "a\nb\n", "a\nb\n", undefined],
    ["the line that changed", "a\nb\nc\n", "a\nx\nc\n", '2: is "b", should be "x"'],
    ["a line that is missing at the end", "a", "a\nb", '2: is the end, should be "b"'],
    ["a line too many at the end", "a\nb", "a", '2: is "b", should be the end'],
  ] as const) {
    it(`tells ${what}`, () => assert.equal(firstDifference(actual, expected), difference));
  }
});
