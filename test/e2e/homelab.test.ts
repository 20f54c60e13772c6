// The main promise, through the real engine: the homelab comes up on its simulated rack, stays as it is, follows a change, and goes away.
import assert from "node:assert/strict";
import { Project } from "./support/project.ts";

describe("the homelab on its simulated rack", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("lab");
  });
  after(() => project.close());

  it("previews without anything being there", async () => {
    const run = await project.preview();
    assert.equal(run.code, 0, run.output);
    assert.ok(
      run.operations.length > 60 && run.operations.every((op) => op.startsWith("create ")),
      run.operations.join("\n"),
    );
    assert.deepEqual(await project.resources(), []);
  });

  it("comes up", async () => {
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
  });

  it("changes nothing on a second up", async () => {
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(run.operations, []);
  });

  it("finds no drift on refresh", async () => {
    const run = await project.refresh("--expect-no-changes");
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(run.operations, []);
  });

  it("gives kubeconfig and talosconfig as secrets only", async () => {
    const { output } = await project.pulumi(["stack", "output", "--json"]);
    const shown = JSON.parse(output) as Record<string, unknown>;
    assert.equal(shown["kubeconfig"], "[secret]");
    assert.equal(shown["talosconfig"], "[secret]");
    assert.match(String((await project.outputs())["kubeconfig"]), /^apiVersion: v1/);
  });

  it("gives one machine more memory and touches nothing else", async () => {
    project.edit((file) =>
      file.setIn(["config", "homelab:environment", "nodes", "talos-k8s-02", "vm", "memoryGiB"], 40),
    );
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(run.operations, ["update talos-k8s-02-vm"]);
  });
});
