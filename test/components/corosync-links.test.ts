import assert from "node:assert/strict";
import { CorosyncLinks } from "../../components/corosync-links.ts";
import { renderCorosyncLinks } from "../../components/host-scripts/corosync-links.ts";
import type { ProxmoxClusterPlan } from "../../plan/plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";
import { connectionTo, ssh } from "../support/ssh.ts";

const a = { host: "pve-a", links: ["192.0.2.10", "198.51.100.10"] };
const b = { host: "pve-b", links: ["192.0.2.11", "198.51.100.11"] };
const build = (members: ProxmoxClusterPlan["members"]): Promise<Recording> =>
  recordResources(() => new CorosyncLinks("links", { plan: { name: "rack", first: "pve-a", members }, ssh }));

describe("CorosyncLinks", () => {
  it("writes all members' addresses once, on the first host", async () => {
    const recording = await build([a, b]);
    assert.deepEqual(recording.named("links-configuration").inputs, {
      connection: connectionTo("192.0.2.10", "ssh-ed25519 AAAA"),
      create: renderCorosyncLinks({ host: "pve-a", members: [a, b] }),
      addPreviousOutputInEnv: false,
    });
    assert.deepEqual(recording.named("links").outputs, { linkCount: 2 });
  });

  it("does nothing with one network, or with one host", async () => {
    const single = (member: typeof a) => ({ ...member, links: member.links.slice(0, 1) });
    for (const members of [[single(a), single(b)], [a]]) {
      assert.deepEqual((await build(members)).namesOf("command:remote:Command"), []);
    }
  });
});
