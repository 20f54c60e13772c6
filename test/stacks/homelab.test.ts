import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { realConnections } from "../../config/connections.ts";
import { buildHomelab } from "../../stacks/homelab.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const secrets = { "homelab:proxmoxApiToken": "root@pam!pulumi=fake", "homelab:sshPrivateKey": "fake key" };

/** The homelab as it is declared for real hardware. */
async function declare(config: Readonly<Record<string, string>> = {}): Promise<Recording> {
  pulumi.runtime.setAllConfig({ ...secrets, ...config });
  const plan = homelabPlan();
  const build = () => void buildHomelab(plan, realConnections(plan, new pulumi.Config("homelab"), "homelab"));
  return recordResources(build, {
    preview: true,
    calls: {
      "talos:machine/getConfiguration:getConfiguration": () => ({ machineConfiguration: "generated" }),
      "talos:client/getConfiguration:getConfiguration": () => ({ talosConfig: "talosconfig" }),
    },
    state: ({ type }) => ({
      ...(type === "talos:machine/secrets:Secrets" ? { machineSecrets: {}, clientConfiguration: {} } : {}),
      ...(type === "command:remote:Command" ? { stdout: "", stderr: "" } : {}),
    }),
  });
}

const guarded = (recording: Recording): string[] =>
  recording.resources
    .filter(({ protect }) => protect)
    .map(({ name }) => name)
    .sort();

describe("the homelab on real hardware", function () {
  this.timeout(30_000);
  after(() => pulumi.runtime.setAllConfig({}));

  it("refuses to delete what holds data or identity: machines, disks, the pool, the cluster's secrets and its start", async () => {
    const disks = ["pve-aimax-01", "pve-ms01-01", "pve-ms01-02"].map((host) => `ceph-${host}-osd-osd0`);
    const machines = ["talos-k8s-01-vm", "talos-k8s-02-vm", "talos-k8s-03-vm"];
    const expected = [...disks, "ceph-pool", "talos-bootstrap", ...machines, "talos-secrets-secrets"].sort();
    assert.deepEqual(guarded(await declare()), expected);
  });

  it("lets them go only where that is configured", async () => {
    assert.deepEqual(guarded(await declare({ "homelab:protect": "false" })), []);
  });
});
