import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { renderUpgradeCheck } from "../../components/operator-scripts/upgrade-check.ts";
import { VersionCheck } from "../../components/version-check.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { recordResources } from "../support/record-resources.ts";

const { cluster, nodes } = homelabPlan();

describe("VersionCheck", () => {
  it("asks all nodes which versions run, with access that stays secret", async () => {
    const recording = await recordResources(() => {
      new VersionCheck("versions", {
        cluster,
        nodes,
        access: { talosconfig: pulumi.secret("hidden"), environment: {} },
      });
    });
    const check = recording.named("versions-check");
    assert.equal(check.parent, "versions");
    assert.deepEqual(check.inputs["environment"], {
      TALOSCONFIG_TEXT: { secret: "hidden" },
      CONTROL_PLANES: "10.8.16.20 10.8.16.21 10.8.16.22",
      STORAGE: "",
      TALOS_VERSION: "v1.13.0",
      KUBERNETES_VERSION: "v1.35.0",
      ENCRYPTED: "",
      NODES: "10.8.16.20 10.8.16.21 10.8.16.22",
      SNAPSHOT_NAME: "homelab-before-v1.13.0-v1.35.0",
      SCRIPT: renderUpgradeCheck("homelab"),
    });
  });
});
