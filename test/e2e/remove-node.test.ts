// Nodes that are taken out of the description leave the cluster in order; those that hold something only when it was announced.
import assert from "node:assert/strict";
import { vms } from "../../lab/rack/vms.ts";
import { addMachine, BuiltHomelab, succeeded } from "./support/built-homelab.ts";
import { at, type Project } from "./support/project.ts";

describe("nodes that leave", () => {
  let homelab: BuiltHomelab;
  let project: Project;
  before(async () => {
    homelab = await BuiltHomelab.open("built", (file) => {
      for (const number of [4, 5]) addMachine(file, number, { role: "controlplane" });
      addMachine(file, 6);
    });
    project = homelab.project;
  });
  afterEach(() => homelab?.restore());
  after(() => homelab?.close());

  const remove = (...names: string[]) =>
    project.edit((file) => {
      for (const name of names) file.deleteIn(at(`nodes.${name}`));
    });
  const retire = (...names: string[]) =>
    project.edit((file) => {
      for (const name of names) file.setIn(at(`nodes.${name}.retire`), true);
    });
  const up = async (): Promise<readonly string[]> => succeeded(await project.up()).operations;
  const members = async () =>
    (await project.status()).etcd.flatMap((cluster) => cluster.members.map(({ name }) => name)).sort();
  const ready = async () =>
    (await project.status()).kubernetes.flatMap((cluster) =>
      cluster.nodes.filter((node) => node.isReady).map(({ name }) => name),
    );
  const machines = async () => (await project.status()).vms.map(({ name }) => name);
  const names = (...numbers: number[]) => numbers.map((number) => `talos-k8s-0${number}`);

  it("take a worker's pods away, then the node, then the machine", async () => {
    remove("talos-k8s-06");
    const operations = await up();
    for (const gone of ["members-talos-k8s-06", "talos-k8s-06-vm", "talos-talos-k8s-06-configuration"])
      assert.ok(operations.includes(`delete ${gone}`), operations.join("\n"));
    const journal = (await project.journal()).filter((entry) => entry.operation === "delete" && !entry.preview);
    const order = ["members-talos-k8s-06", "talos-k8s-06-vm"].map((name) =>
      journal.findIndex((entry) => entry.name === name),
    );
    assert.ok((order[0] ?? -1) >= 0 && (order[0] ?? 0) < (order[1] ?? 0), String(order));
    assert.deepEqual(await ready(), names(1, 2, 3, 4, 5));
    assert.deepEqual(await machines(), names(1, 2, 3, 4, 5));
  });

  it("refuse, in the preview, a control plane that was not announced", async () => {
    remove("talos-k8s-04", "talos-k8s-05");
    const preview = await project.preview();
    assert.notEqual(preview.code, 0);
    assert.match(
      preview.output,
      /nodes\.talos-k8s-04 is not in the description any more, and holds a member of etcd; put it back with "retire: true", run up, then remove it/,
    );
    const run = await project.up();
    assert.notEqual(run.code, 0);
    assert.deepEqual(await members(), names(1, 2, 3, 4, 5));
    assert.deepEqual(await machines(), names(1, 2, 3, 4, 5, 6));
  });

  it("let announced control planes leave etcd one after the other, with a healthy rest", async () => {
    retire("talos-k8s-04", "talos-k8s-05");
    await up();
    remove("talos-k8s-04", "talos-k8s-05");
    await up();
    assert.deepEqual(await members(), names(1, 2, 3));
    assert.deepEqual(await ready(), names(1, 2, 3, 6));
    succeeded(await project.up("--expect-no-changes"));
  });

  it("strike a dead control plane off, so that another can take its place", async () => {
    retire("talos-k8s-04", "talos-k8s-05");
    await up();
    await project.rack(
      (rack) =>
        void vms(rack).edit("8004", (vm) => {
          vm.running = false;
        }),
    );
    remove("talos-k8s-04", "talos-k8s-05");
    await up();
    assert.deepEqual(await members(), names(1, 2, 3));
  });

  it("are replaced in one run when dead: the new one joins, the old one is struck off", async () => {
    await project.rack((rack) => {
      vms(rack).edit("8004", (vm) => {
        vm.running = false;
      });
    });
    retire("talos-k8s-04");
    await up();
    project.edit((file) => addMachine(file, 7, { role: "controlplane" }));
    remove("talos-k8s-04");
    await up();
    assert.deepEqual(await members(), names(1, 2, 3, 5, 7));
    assert.deepEqual(await ready(), names(1, 2, 3, 5, 6, 7));
    assert.deepEqual(await machines(), names(1, 2, 3, 5, 6, 7));
  });

  it("refuse to take etcd's majority away", async () => {
    retire("talos-k8s-04", "talos-k8s-05");
    await up();
    await project.rack((rack) => {
      for (const id of ["8002", "8003"])
        vms(rack).edit(id, (vm) => {
          vm.running = false;
        });
    });
    remove("talos-k8s-04", "talos-k8s-05");
    const run = await project.up();
    assert.notEqual(run.code, 0);
    assert.equal((await members()).length, 5);
    assert.deepEqual(await machines(), names(1, 2, 3, 4, 5, 6));
  });

  it("hand nothing over when the whole cluster goes", async () => {
    const run = succeeded(await project.destroy());
    assert.doesNotMatch(run.output, /drained|evicting/);
    assert.deepEqual(await machines(), []);
  });
});
