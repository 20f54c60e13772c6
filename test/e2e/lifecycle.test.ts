// Life after the first day, through the real engine: versions that go up, nodes that go, certificates that end.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { openRack } from "../../lab/rack/store.ts";
import { listRestarts, type Restart } from "../../lab/rack/talos/restarts.ts";
import { Project } from "./support/project.ts";

const environment = ["config", "homelab:environment"];
const set = (path: string[], value: unknown) => (file: Document) => file.setIn([...environment, ...path], value);

/** Restarts of the rack, and those of them during which another control plane was down. */
async function restartsOf(project: Project): Promise<{ all: Restart[]; overlapping: Restart[] }> {
  const all = await project.inRack(() => listRestarts(openRack("lab")));
  const planes = all.filter(({ role }) => role === "controlplane");
  const overlaps = (a: Restart, b: Restart) => a !== b && a.from < b.until && b.from < a.until;
  return { all, overlapping: planes.filter((restart) => planes.some((other) => overlaps(restart, other))) };
}

describe("a new version of Talos", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("lab");
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
  });
  after(() => project?.close());

  it("rolls through the nodes one by one, the API's node last of the control planes", async () => {
    project.edit(set(["versions", "talos"], "v1.13.1"));
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    const status = await project.status();
    assert.deepEqual(
      status.talos.map(({ name, version }) => [name, version]),
      [
        ["talos-k8s-01", "v1.13.1"],
        ["talos-k8s-02", "v1.13.1"],
        ["talos-k8s-03", "v1.13.1"],
      ],
    );
    const { all, overlapping } = await restartsOf(project);
    assert.deepEqual(
      all.map(({ node }) => node),
      ["talos-k8s-02", "talos-k8s-03", "talos-k8s-01"],
    );
    assert.deepEqual(overlapping, []);
    const again = await project.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
  });
});
