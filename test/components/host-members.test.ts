import assert from "node:assert/strict";
import { HostMembers } from "../../components/host-members.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { recordResources } from "../support/record-resources.ts";
import { ssh } from "../support/ssh.ts";

const { hosts } = homelabPlan();

describe("HostMembers", () => {
  it("records what each host holds, and then asks Ceph and the cluster whether those that are gone are empty", async () => {
    const recording = await recordResources(
      () => new HostMembers("hosts", { hosts, ssh, environment: { HTTPS_PROXY: "http://proxy.example.test" } }),
    );
    const environment = recording.named("hosts-record").inputs["environment"] as Record<string, string>;
    assert.equal(environment["PRESENT"], "pve-aimax-01 pve-ms01-01 pve-ms01-02");
    assert.deepEqual(JSON.parse(environment["HELD"] ?? "")["pve-ms01-02"], [
      "a Ceph OSD",
      "a Ceph monitor",
      "a vote in the Proxmox cluster",
    ]);
    assert.deepEqual(recording.named("hosts-gone").dependsOn, ["hosts-record"]);
  });
});
