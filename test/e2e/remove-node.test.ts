// Nodes that are taken out of the description leave the cluster in order; those that hold something only when it was announced.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { vms } from "../../lab/rack/vms.ts";
import { Project } from "./support/project.ts";
import { Savepoint } from "./support/savepoint.ts";

const nodes = ["config", "homelab:environment", "nodes"];

/** A further node on the roomy host. */
const added = (role: "controlplane" | "worker", number: number) => (file: Document) =>
  file.setIn([...nodes, `talos-k8s-0${number}`], {
    host: "pve-aimax-01",
    role,
    vm: { id: 8000 + number, cores: 4, memoryGiB: 8, diskGiB: 50 },
    addresses: { management: `10.8.16.${20 + number}`, workload: `10.8.28.${20 + number}` },
    podPrefix: `10.8.${40 + number}.0/25`,
  });

describe("nodes that leave", () => {
  let project: Project;
  let running: Savepoint;
  before(async () => {
    project = await Project.open("lab", (file) => {
      added("controlplane", 4)(file);
      added("controlplane", 5)(file);
      added("worker", 6)(file);
    });
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    running = new Savepoint(project);
  });
  afterEach(() => running?.restore());
  after(() => {
    running?.remove();
    project?.close();
  });

  const remove = (...names: string[]) =>
    project.edit((file) => {
      for (const name of names) file.deleteIn([...nodes, name]);
    });
  const retire = (...names: string[]) =>
    project.edit((file) => {
      for (const name of names) file.setIn([...nodes, name, "retire"], true);
    });
  const up = async (): Promise<readonly string[]> => {
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    return run.operations;
  };
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
    const again = await project.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
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
    project.edit(added("controlplane", 7));
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
    const run = await project.destroy();
    assert.equal(run.code, 0, run.output);
    assert.doesNotMatch(run.output, /drained|evicting/);
    assert.deepEqual(await machines(), []);
  });
});
