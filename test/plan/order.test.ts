import assert from "node:assert/strict";
import fc from "fast-check";
import { compareText, inOrder, sortedEntries, sortedTexts } from "../../plan/order.ts";

describe("order", () => {
  it("is by code unit, the same in every locale", () => {
    assert.deepEqual(["b", "a", "B", "ä", "a-1", "a"].sort(compareText), ["B", "a", "a", "a-1", "b", "ä"]);
  });

  it("puts a list in order and leaves the given one as it was", () => {
    const given = ["b", "a", "c"];
    assert.deepEqual(sortedTexts(given), ["a", "b", "c"]);
    assert.deepEqual(given, ["b", "a", "c"]);
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const ascending = (a: number, b: number): number => a - b;
        assert.deepEqual(inOrder(numbers, ascending), [...numbers].sort(ascending));
      }),
    );
  });

  it("gives the entries of a map by key, whatever order they were written in", () => {
    assert.deepEqual(sortedEntries({ b: 1, a: 2, "10": 3 }), [
      ["10", 3],
      ["a", 2],
      ["b", 1],
    ]);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (map) => {
        const keys = sortedEntries(map).map(([key]) => key);
        assert.deepEqual(keys, Object.keys(map).sort(compareText));
      }),
    );
  });
});
