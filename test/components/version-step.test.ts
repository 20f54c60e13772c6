import assert from "node:assert/strict";
import { refuseVersionStep } from "../../components/version-step.ts";

describe("steps from one version to the next", () => {
  const steps: [from: string, to: string, refusal: RegExp | undefined][] = [
    ["v1.13.0", "v1.13.0", undefined],
    ["v1.13.0", "v1.13.4", undefined],
    ["v1.13.4", "v1.14.0", undefined],
    ["v1.9.2", "v1.10.0", undefined],
    [
      "v1.13.4",
      "v1.13.3",
      /^versions\.talos: the cluster runs Talos v1\.13\.4, and v1\.13\.3 is older; going back is not supported: set versions\.talos to v1\.13\.4 or later$/,
    ],
    ["v1.13.0", "v1.12.9", /is older/],
    ["v2.0.0", "v1.99.0", /is older/],
    ["v1.10.0", "v1.9.0", /is older/],
    [
      "v1.13.0",
      "v1.15.0",
      /^versions\.talos: the cluster runs Talos v1\.13\.0, and v1\.15\.0 skips a minor release; go to the newest v1\.14 first$/,
    ],
    ["v1.13.0", "v2.0.0", /skips a minor release/],
  ];
  for (const [from, to, refusal] of steps) {
    it(`${refusal === undefined ? "takes" : "refuses"} ${from} to ${to}`, () => {
      const message = refuseVersionStep("Talos", from, to);
      if (refusal === undefined) assert.equal(message, undefined);
      else assert.match(message ?? "", refusal);
    });
  }

  it("says nothing where there is no record of a version yet", () => {
    assert.equal(refuseVersionStep("Kubernetes", "", "v1.35.0"), undefined);
  });
});
