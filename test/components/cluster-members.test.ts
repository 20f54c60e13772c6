import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { ClusterMembers } from "../../components/cluster-members.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const { cluster, nodes } = homelabPlan();
const access = { talosconfig: pulumi.secret("hidden"), environment: {} };

const build = (chosen = nodes): Promise<Recording> =>
  recordResources(() => {
    const machine = new talos.imagefactory.Schematic("machine-03");
    new ClusterMembers("members", { cluster, nodes: chosen, access, parts: { "talos-k8s-03": [machine] } });
  });

describe("ClusterMembers", () => {
  it("gives every node a farewell that runs before its machine goes, one node after the other", async () => {
    const recording = await build();
    const farewell = recording.named("members-talos-k8s-03");
    assert.equal(farewell.inputs["create"], ":");
    assert.equal(farewell.inputs["delete"], 'eval "$SCRIPT"');
    assert.deepEqual(farewell.dependsOn, ["machine-03", "members-talos-k8s-02"]);
    const { SCRIPT: script, ...variables } = farewell.inputs["environment"] as Record<string, unknown>;
    assert.match(String(script), /'talos-k8s-03, removal'/);
    assert.deepEqual(
      [variables["NODE_NAME"], variables["NODE_ADDRESS"], variables["ROLE"]],
      ["talos-k8s-03", "10.8.16.22", "controlplane"],
    );
  });

  it("records what may not just vanish: nodes that hold something, unless they were announced", async () => {
    const announced = nodes.map((node, i) => ({
      ...node,
      ...(i === 0 ? { retire: true } : {}),
      ...(i === 1 ? { holds: [] } : {}),
    }));
    const { environment } = (await build(announced)).named("members-record").inputs as {
      environment: Record<string, string>;
    };
    assert.deepEqual(JSON.parse(environment["HELD"] ?? ""), { "talos-k8s-03": ["a member of etcd"] });
    assert.equal(environment["PRESENT"], "talos-k8s-01 talos-k8s-02 talos-k8s-03");
    assert.equal("TALOSCONFIG_TEXT" in environment, false);
  });

  it("marks nodes only after the record has passed", async () => {
    assert.deepEqual((await build()).named("members-nodes").dependsOn, ["members-record"]);
  });
});
