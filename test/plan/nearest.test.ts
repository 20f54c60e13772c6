import assert from "node:assert/strict";
import { nearest } from "../../plan/nearest.ts";

describe("nearest", () => {
  for (const [name, keys, expected] of [
    ["strage", ["storage", "management"], "storage"],
    ["pve-ms01-10", ["pve-ms01-01", "pve-aimax-01"], "pve-ms01-01"],
    ["bond1", ["bond0", "bond9"], "bond0"],
    ["printer", ["storage", "management"], undefined],
    ["ab", ["cd"], undefined],
    ["x", [], undefined],
  ] as const) {
    it(`takes "${name}" for ${expected ?? "none"} of ${keys.join(", ") || "none"}`, () =>
      assert.equal(nearest(name, keys), expected));
  }
});
