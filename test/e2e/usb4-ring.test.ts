// The USB4 ring between Proxmox hosts, through the real engine: there when the description has it, and whole with one cable less.
import assert from "node:assert/strict";
import { reach } from "../../lab/rack/reach.ts";
import { homelabRing } from "../support/homelab-ring.ts";
import { MetalRack } from "./support/metal-rack.ts";
import { at, Project } from "./support/project.ts";

describe("the homelab with a USB4 ring", () => {
  let project: Project;
  let rack: MetalRack;
  before(async () => {
    project = await Project.open("lab", (file) => {
      for (const [path, value] of Object.entries(homelabRing)) {
        file.setIn(at(path), file.createNode(value));
      }
    });
    rack = new MetalRack(project, "lab");
  });
  after(() => project?.close());
  const mtuFrom = (host: string, to: string) =>
    rack.in((open) => {
      const answer = reach(open, { from: host, to, size: 65_520 });
      return answer.ok ? answer.mtu : answer.reason;
    });

  it("comes up, each host at its own address of the ring", async () => {
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.equal(await mtuFrom("pve-ms01-01", "10.8.49.2"), 65_520);
    assert.equal(await mtuFrom("pve-aimax-01", "10.8.49.1"), 65_520);
    const again = await project.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
  });

  it("goes the other way round when a cable is pulled, and nowhere without two", async () => {
    await rack.setCable("pve-ms01-01/a", false);
    assert.equal(await mtuFrom("pve-ms01-01", "10.8.49.2"), 65_520);
    await rack.setCable("pve-ms01-01/b", false);
    assert.notEqual(await mtuFrom("pve-ms01-01", "10.8.49.2"), 65_520);
  });
});
