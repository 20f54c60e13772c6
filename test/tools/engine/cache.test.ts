import assert from "node:assert/strict";
import { cacheLayout, cacheRoot } from "../../../tools/engine/cache.mjs";

describe("cache", () => {
  it("lies in the home folder, or where XDG_CACHE_HOME says", () => {
    assert.equal(cacheRoot({}, "/home/ada"), "/home/ada/.cache/homelab-rack");
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "/var/cache/ada" }, "/home/ada"), "/var/cache/ada/homelab-rack");
  });

  it("ignores a relative XDG_CACHE_HOME, which would put it into the work tree", () => {
    assert.equal(cacheRoot({ XDG_CACHE_HOME: "cache" }, "/home/ada"), "/home/ada/.cache/homelab-rack");
  });

  it("keeps versions apart", () => {
    const layout = cacheLayout("/c");
    assert.equal(layout.engine("3.250.0"), "/c/engine/3.250.0");
    assert.equal(layout.node("22.23.3"), "/c/node/22.23.3");
  });
});
