import assert from "node:assert/strict";
import fc from "fast-check";
import { deriveMac } from "../../plan/mac.ts";

describe("deriveMac", () => {
  it("never changes: machines are found by it", () => {
    assert.equal(deriveMac("homelab", "talos-k8s-01", "eth0"), "02:dd:8d:3d:e2:6b");
    assert.equal(deriveMac("homelab", "talos-k8s-01", "eth1"), "02:82:17:c2:35:a8");
  });

  it("is locally administered and nobody's group, whatever the names", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (names) => assert.match(deriveMac(...names), /^02(:[0-9a-f]{2}){5}$/)),
    );
  });
});
