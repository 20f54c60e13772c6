import assert from "node:assert/strict";
import { NodeReadiness } from "../../components/node-readiness.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { recordResources } from "../support/record-resources.ts";

const { nodes, cluster } = homelabPlan();
const record = () =>
  recordResources(() => new NodeReadiness("nodes", { nodes, kubernetesVersion: cluster.kubernetesVersion }));

interface JobInputs {
  metadata: { name: string; namespace: string };
  spec: { activeDeadlineSeconds: number; template: { spec: { nodeSelector: object; tolerations: { key: string }[] } } };
}

describe("NodeReadiness", () => {
  it("runs one pod on every node, known by the node's name and not by its place in a list", async () => {
    const recording = await record();
    for (const node of nodes) {
      const job = recording.named(`nodes-${node.name}`);
      const { metadata, spec } = job.inputs as unknown as JobInputs;
      assert.equal(job.parent, "nodes");
      assert.deepEqual(metadata, { name: `ready-${node.name}`, namespace: "kube-system" });
      assert.deepEqual(spec.template.spec.nodeSelector, { "kubernetes.io/hostname": node.name });
    }
  });

  it("waits ten minutes at most, and never on a node that is not ready", async () => {
    const { spec } = (await record()).named(`nodes-${nodes[0]?.name}`).inputs as unknown as JobInputs;
    assert.equal(spec.activeDeadlineSeconds, 600);
    assert.deepEqual(
      spec.template.spec.tolerations.map((toleration) => toleration.key),
      ["node-role.kubernetes.io/control-plane"],
    );
  });
});
