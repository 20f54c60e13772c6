import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("the USB4 ring", () => {
  it("knows both ends of each cable by port and by interface", () => {
    assert.deepEqual(planOf("ms01").ring?.cables[0], {
      a: { host: "ms01-01", port: "a", interface: "tb0", pciPath: "0000:00:0d.2" },
      b: { host: "ms01-02", port: "b", interface: "tb1", pciPath: "0000:00:0d.3" },
    });
  });

  it("has one address a member and the largest packets USB4 takes", () => {
    const ring = planOf("ms01").ring;
    assert.deepEqual(
      [ring?.prefix, ring?.mtu, ring?.members[2]],
      ["10.8.49.0/24", 65_520, { host: "ms01-03", address: "10.8.49.3", node: "talos-ms01-03" }],
    );
  });
});
