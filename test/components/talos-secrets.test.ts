import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { TalosSecrets } from "../../components/talos-secrets.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources, settled } from "../support/record-resources.ts";

const { cluster } = homelabPlan();
const clientConfiguration = { caCertificate: "ca", clientCertificate: "crt", clientKey: "key" };

async function build(protect?: boolean): Promise<{ recording: Recording; secrets: TalosSecrets }> {
  let secrets: TalosSecrets | undefined;
  const recording = await recordResources(
    () => {
      secrets = new TalosSecrets("trust", { cluster, ...(protect === undefined ? {} : { protect }) });
    },
    { state: () => ({ clientConfiguration, machineSecrets: { token: "hidden" }, talosVersion: "v1.12.4" }) },
  );
  assert.ok(secrets);
  return { recording, secrets };
}

describe("TalosSecrets", () => {
  it("makes one bundle, keeps it, and holds all of it secret", async () => {
    const { recording, secrets } = await build();
    const made = recording.named("trust-secrets");
    assert.equal(made.parent, "trust");
    assert.equal(made.protect, true);
    assert.deepEqual(made.secretOutputs, ["clientConfiguration", "machineSecrets"]);
    for (const output of [
      secrets.machineSecrets,
      secrets.clientConfiguration,
      secrets.operatorTalosconfig,
    ] as pulumi.Output<unknown>[])
      assert.equal(await pulumi.isSecret<unknown>(output), true);
  });

  it("can be given up on a rack of software", async () => {
    assert.equal((await build(false)).recording.named("trust-secrets").protect, false);
  });

  it("hands out the version it was made with, whatever is wanted now", async () => {
    assert.equal(await settled((await build()).secrets.versionContract), "v1.12.4");
  });

  it("makes a talosconfig that names no node, so that it changes with the certificate only", async () => {
    assert.deepEqual(parse(await settled((await build()).secrets.operatorTalosconfig)), {
      context: "homelab",
      contexts: { homelab: { endpoints: [], ca: "ca", crt: "crt", key: "key" } },
    });
  });
});
