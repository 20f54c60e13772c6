import assert from "node:assert/strict";
import {
  renderClusterAdmit,
  renderClusterIntroduce,
  renderClusterJoin,
} from "../../components/host-scripts/cluster.ts";
import { ProxmoxCluster } from "../../components/proxmox-cluster.ts";
import type { ProxmoxClusterPlan } from "../../plan/plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";
import { connectionTo, ssh } from "../support/ssh.ts";

const plan: ProxmoxClusterPlan = {
  name: "rack",
  first: "pve-a",
  members: [
    { host: "pve-a", links: ["192.0.2.10", "198.51.100.10"] },
    { host: "pve-b", links: ["192.0.2.11", "198.51.100.11"] },
    { host: "pve-c", links: ["192.0.2.12", "198.51.100.12"] },
  ],
};
const answers: Record<string, string> = {
  "cluster-pve-a-create": "host key of a",
  "cluster-pve-b-introduce": "root key of b",
};

function build(change: Partial<ProxmoxClusterPlan> = {}): Promise<Recording> {
  return recordResources(() => new ProxmoxCluster("cluster", { plan: { ...plan, ...change }, ssh }), {
    state: ({ name }) => ({ stdout: answers[name] ?? "" }),
  });
}

describe("ProxmoxCluster", () => {
  it("makes the cluster on the first host, then takes in one host after the other", async () => {
    const recording = await build();
    assert.deepEqual(
      recording.resources.map((resource) => resource.name),
      [
        "cluster",
        "cluster-pve-a-create",
        "cluster-pve-b-introduce",
        "cluster-pve-b-admit",
        "cluster-pve-b-join",
        "cluster-pve-c-introduce",
        "cluster-pve-c-admit",
        "cluster-pve-c-join",
      ],
    );
    assert.ok(recording.named("cluster-pve-c-introduce").dependsOn.includes("cluster-pve-b-join"));
    assert.deepEqual(recording.named("cluster-pve-c-join").dependsOn, ["cluster-pve-c-admit"]);
  });

  it("introduces a joining host and the first one to each other", async () => {
    const recording = await build();
    const introduce = recording.named("cluster-pve-b-introduce").inputs;
    assert.equal(introduce["stdin"], "host key of a");
    assert.equal(introduce["create"], renderClusterIntroduce({ host: "pve-b", firstAddress: "192.0.2.10" }));
    assert.deepEqual(introduce["connection"], connectionTo("192.0.2.11"));
    const admit = recording.named("cluster-pve-b-admit").inputs;
    assert.equal(admit["stdin"], "root key of b");
    assert.equal(admit["create"], renderClusterAdmit({ host: "pve-a", joining: "pve-b" }));
    assert.deepEqual(admit["connection"], connectionTo("192.0.2.10", "ssh-ed25519 AAAA"));
  });

  it("joins by the management network, which is there before any other", async () => {
    const script = (await build()).named("cluster-pve-b-join").inputs["create"];
    const join = { host: "pve-b", cluster: "rack", address: "192.0.2.11", firstAddress: "192.0.2.10" };
    assert.equal(script, renderClusterJoin(join));
    assert.match(String(script), /pvecm add 192\.0\.2\.10 --use_ssh --link0 192\.0\.2\.11 /);
    assert.doesNotMatch(String(script), /198\.51\.100/);
  });

  it("is no member twice when the plan has one host, and starts with the host the plan says", async () => {
    const single = await build({ members: plan.members.slice(0, 1) });
    assert.deepEqual(single.namesOf("command:remote:Command"), ["cluster-pve-a-create"]);
    const other = await build({ first: "pve-c" });
    assert.equal(other.resources[1]?.name, "cluster-pve-c-create");
  });

  it("refuses a plan whose first host is no member, or a member without an address", async () => {
    await assert.rejects(build({ first: "pve-z" }), /pve-z, the first of cluster rack, is none of its members/);
    await assert.rejects(build({ members: [{ host: "pve-a", links: [] }] }), /pve-a has no address for corosync/);
  });
});
