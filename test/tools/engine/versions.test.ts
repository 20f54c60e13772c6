import assert from "node:assert/strict";
import { compareVersions, isVersion, NODE_VERSION, OLDEST_NODE } from "../../../tools/engine/versions.mjs";

describe("versions", () => {
  for (const [left, right, order] of [
    ["22.18.0", "22.18.0", 0],
    ["22.9.0", "22.18.0", -1], // as text it would be the newer one
    ["v3.250.0", "3.249.9", 1],
    ["24.0.0-rc.1", "24.0.0", 0],
    ["9.99.99", "10.0.0", -1],
  ] as const) {
    it(`${left} against ${right}`, () => assert.equal(Math.sign(compareVersions(left, right)), order));
  }

  it("refuses what is no version instead of taking it for an old one", () => {
    assert.throws(() => compareVersions("latest", "1.0.0"), { message: 'not a version: "latest"' });
    assert.equal(isVersion("v3.250.0"), true);
    assert.equal(isVersion("command not found"), false);
  });

  it("fetches a Node.js that it would itself accept", () => assert.ok(compareVersions(NODE_VERSION, OLDEST_NODE) >= 0));
});
