import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RollingUpgrade, upgradeOrder } from "../../components/rolling-upgrade.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";
import { ssh } from "../support/ssh.ts";

const { cluster, nodes } = homelabPlan();
const access = { talosconfig: pulumi.secret("hidden"), environment: { HTTPS_PROXY: "http://proxy.example.test" } };
const installerImage = "factory.example.test/nocloud-installer/abc:v1.13.0";
const variablesOf = (recording: Recording, name: string): Record<string, unknown> =>
  recording.named(name).inputs["environment"] as Record<string, unknown>;

const build = (): Promise<Recording> =>
  recordResources(() => {
    new RollingUpgrade("upgrade", { cluster, nodes, access, installerImage });
  });

describe("RollingUpgrade", () => {
  it("is one chain: node after node, then Kubernetes, then the record of what was reached", async () => {
    const recording = await build();
    const chain = ["talos-k8s-02", "talos-k8s-03", "talos-k8s-01", "kubernetes", "reached"].map(
      (part) => `upgrade-${part}`,
    );
    assert.deepEqual(recording.namesOf("command:local:Command"), [...chain].sort());
    for (const [position, name] of chain.entries()) {
      assert.equal(recording.named(name).parent, "upgrade");
      assert.deepEqual(recording.named(name).dependsOn, position === 0 ? [] : [chain[position - 1]]);
    }
  });

  it("tells each node's script its own name, address and image", async () => {
    const { SCRIPT: script, ...variables } = variablesOf(await build(), "upgrade-talos-k8s-03");
    assert.match(String(script), /'talos-k8s-03, upgrade'/);
    assert.deepEqual(variables, {
      HTTPS_PROXY: "http://proxy.example.test",
      TALOSCONFIG_TEXT: { secret: "hidden" },
      CONTROL_PLANES: "10.8.16.20 10.8.16.21 10.8.16.22",
      STORAGE: "",
      NODE_NAME: "talos-k8s-03",
      NODE_ADDRESS: "10.8.16.22",
      INSTALLER_IMAGE: installerImage,
      DRAIN_TIMEOUT: "300s",
    });
  });

  it("keeps secrets out of the record, so that a preview can read it", async () => {
    assert.deepEqual(variablesOf(await build(), "upgrade-reached"), {
      HTTPS_PROXY: "http://proxy.example.test",
      TALOS_VERSION: "v1.13.0",
      KUBERNETES_VERSION: "v1.35.0",
    });
  });

  it("takes control planes before workers, and the one with the API's address last of them", () => {
    const mixed = nodes.map((node, i) => (i === 1 ? { ...node, role: "worker" as const } : node));
    assert.deepEqual(
      upgradeOrder(cluster, mixed).map((node) => node.name),
      ["talos-k8s-03", "talos-k8s-01", "talos-k8s-02"],
    );
  });

  it("asks Ceph before each node whether it has all its copies, and again for every version", async () => {
    const host = { name: "pve-a", managementAddress: "192.0.2.10" };
    const recording = await recordResources(() => {
      new RollingUpgrade("upgrade", { cluster, nodes, access, installerImage, ceph: { host, ssh } });
    });
    assert.deepEqual(recording.named("upgrade-talos-k8s-03").dependsOn, ["upgrade-talos-k8s-03-ceph"]);
    assert.deepEqual(recording.named("upgrade-talos-k8s-03-ceph").dependsOn, ["upgrade-talos-k8s-02"]);
    assert.match(
      String(recording.named("upgrade-talos-k8s-03-ceph").inputs["create"]),
      /Ceph before talos-k8s-03 gets Talos v1\.13\.0/,
    );
  });
});
