import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AmtFirstBoot } from "../../components/amt-first-boot.ts";
import { renderAmtFirstBoot } from "../../components/operator-scripts/amt-first-boot.ts";
import { planOf } from "../support/configs.ts";
import { recordResources } from "../support/record-resources.ts";

const { amtFirstBoots: machines, nodes } = planOf("metal-amt");
const access = { talosconfig: pulumi.secret("hidden"), environment: {} };

describe("AmtFirstBoot", () => {
  const build = () =>
    recordResources(() => {
      new AmtFirstBoot("first-boot", { machines, nodes, access, password: "open sesame" });
    });

  it("switches on the machines that opted in, and no others", async () => {
    const recording = await build();
    assert.deepEqual(recording.namesOf("command:local:Command"), [
      "first-boot-talos-ms01-01",
      "first-boot-talos-ms01-02",
    ]);
  });

  it("tells each script where its AMT answers and how to start, and keeps the password secret", async () => {
    const recording = await build();
    const { environment } = recording.named("first-boot-talos-ms01-02").inputs;
    assert.deepEqual(environment, {
      TALOSCONFIG_TEXT: { secret: "hidden" },
      CONTROL_PLANES: "10.8.20.11 10.8.20.12 10.8.20.13",
      STORAGE: "",
      NODE_NAME: "talos-ms01-02",
      NODE_ADDRESS: "10.8.20.12",
      AMT_URL: "http://10.8.21.32:16992/wsman",
      AMT_PASSWORD: { secret: "open sesame" },
      FROM_NETWORK: "yes",
      SCRIPT: renderAmtFirstBoot("talos-ms01-02"),
    });
    const first = recording.named("first-boot-talos-ms01-01").inputs["environment"] as Record<string, unknown>;
    assert.deepEqual([first["AMT_URL"], first["FROM_NETWORK"]], ["https://10.8.21.31:16993/wsman", "no"]);
  });

  it("does nothing to a machine when its password or script changes, and nothing when it goes", async () => {
    const { inputs } = (await build()).named("first-boot-talos-ms01-01");
    assert.equal(inputs["update"], ":");
    assert.equal(inputs["delete"], undefined);
    assert.match(String(inputs["create"]), /eval "\$SCRIPT"/);
  });
});
