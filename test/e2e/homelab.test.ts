// The main promise, through the real engine: the homelab comes up on its simulated rack, stays as it is, follows a change, and goes away.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { addMachine } from "./support/built-homelab.ts";
import { at, Project } from "./support/project.ts";

describe("the homelab on its simulated rack", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("lab");
  });
  after(() => project?.close());

  it("previews without anything being there", async () => {
    const run = await project.preview();
    assert.equal(run.code, 0, run.output);
    assert.ok(
      run.operations.length > 60 && run.operations.every((op) => op.startsWith("create ")),
      run.operations.join("\n"),
    );
    assert.deepEqual(await project.resources(), []);
  });

  it("comes up: nodes ready, services on their addresses, every name leads to something that lives", async () => {
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    const status = await project.status();
    assert.deepEqual(
      status.kubernetes.flatMap((cluster) => cluster.nodes.map((node) => [node.name, node.address, node.isReady])),
      [
        ["talos-k8s-01", "10.8.28.2", true],
        ["talos-k8s-02", "10.8.29.2", true],
        ["talos-k8s-03", "10.8.30.2", true],
      ],
    );
    assert.deepEqual(
      status.addresses.map(({ address, reachable }) => [address, reachable]),
      [10, 11, 12, 13].map((last) => [`10.8.31.${last}`, true]),
    );
    assert.deepEqual(
      status.dns.filter((record) => !record.alive),
      [],
    );
    assert.ok(status.dns.length >= 14);
    assert.equal(status.ceph.status, "HEALTH_OK");
    assert.deepEqual((await project.outputs())["services"], {
      dashboard: "10.8.31.11",
      grafana: "10.8.31.12",
      prometheus: "10.8.31.13",
      traefik: "10.8.31.10",
    });
  });

  it("changes nothing on a second up", async () => {
    const run = await project.up("--expect-no-changes");
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(run.operations, []);
  });

  it("finds no drift on refresh, and nothing to do after it", async () => {
    const refreshed = await project.refresh("--expect-no-changes");
    assert.equal(refreshed.code, 0, refreshed.output);
    const run = await project.up("--expect-no-changes");
    assert.equal(run.code, 0, run.output);
  });

  it("gives kubeconfig and talosconfig as secrets only", async () => {
    const { output } = await project.pulumi(["stack", "output", "--json"]);
    const shown = JSON.parse(output) as Record<string, unknown>;
    assert.equal(shown["kubeconfig"], "[secret]");
    assert.equal(shown["talosconfig"], "[secret]");
    assert.match(String((await project.outputs())["kubeconfig"]), /^apiVersion: v1/);
  });

  it("gives one machine more memory and touches nothing else", async () => {
    project.edit((file) => file.setIn(at("nodes.talos-k8s-02.vm.memoryGiB"), 40));
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(run.operations, ["update talos-k8s-02", "update talos-k8s-02-vm"]);
  });

  it("grows to four and to five nodes and shrinks back", async () => {
    const nodesAfter = async (change: (file: Document) => void): Promise<(string | boolean)[][]> => {
      project.edit(change);
      const run = await project.up();
      assert.equal(run.code, 0, run.output);
      const again = await project.up("--expect-no-changes");
      assert.equal(again.code, 0, again.output);
      return (await project.status()).kubernetes.flatMap((cluster) =>
        cluster.nodes.map((node) => [node.name, node.isReady]),
      );
    };
    const three = ["talos-k8s-01", "talos-k8s-02", "talos-k8s-03"].map((name) => [name, true]);
    const four = [...three, ["talos-k8s-04", true]];
    assert.deepEqual(await nodesAfter((file) => addMachine(file, 4)), four);
    assert.deepEqual(await nodesAfter((file) => addMachine(file, 5)), [...four, ["talos-k8s-05", true]]);
    const remove = (name: string) => (file: Document) => file.deleteIn(at(`nodes.${name}`));
    assert.deepEqual(await nodesAfter(remove("talos-k8s-05")), four);
    assert.deepEqual(await nodesAfter(remove("talos-k8s-04")), three);
  });

  it("is destroyed and leaves the rack as the installer left it", async () => {
    const run = await project.destroy();
    assert.equal(run.code, 0, run.output);
    const status = await project.status();
    assert.deepEqual(
      [status.vms, status.talos, status.kubernetes, status.etcd, status.addresses],
      [[], [], [], [], []],
    );
    assert.deepEqual(
      status.hosts.map((host) => [host.name, host.reachable, host.links.some((link) => link.kind === "bond")]),
      ["pve-aimax-01", "pve-ms01-01", "pve-ms01-02"].map((name) => [name, true, false]),
    );
    assert.deepEqual(await project.resources().then((all) => all.filter((resource) => resource.custom)), []);
  });
});
