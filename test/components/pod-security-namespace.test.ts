import assert from "node:assert/strict";
import { createPodSecurityNamespace } from "../../components/pod-security-namespace.ts";
import { recordResources } from "../support/record-resources.ts";

describe("createPodSecurityNamespace", () => {
  it("enforces, audits and warns at one level, under its own name", async () => {
    const recording = await recordResources(() => {
      createPodSecurityNamespace("apps-namespace", "apps", "baseline", {});
    });
    assert.deepEqual(recording.named("apps-namespace").inputs["metadata"], {
      name: "apps",
      labels: {
        "pod-security.kubernetes.io/enforce": "baseline",
        "pod-security.kubernetes.io/audit": "baseline",
        "pod-security.kubernetes.io/warn": "baseline",
      },
    });
  });
});
