// Whatever fails around them: no connection before its interfaces, and LINSTOR's controller never looks for one that is not there. And a
// machine that is added gets exactly its own pairs.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { addFault, type Behaviour } from "../../lab/rack/faults.ts";
import { MetalRack } from "./support/metal-rack.ts";
import { Project } from "./support/project.ts";

const description = ["config", "homelab:environment"];

/** Calls in the order in which they are made, how each breaks, and how often where once is not enough: a Job tries four times. */
const faults: readonly (readonly [string, Behaviour, number?])[] = [
  ["create *Release linstor-operator", "fail"],
  ["create *LinstorCluster linstor-cluster", "answer-lost"],
  ["create *ConfigMap linstor-interfaces-scripts", "fail"],
  ["create *Job linstor-interfaces-job", "fail"],
  ["create *Job linstor-interfaces-job", "answer-lost"],
  ["create *LinstorNodeConnection linstor-paths-dedicated", "crash-before"],
  ["create *LinstorNodeConnection linstor-paths-dedicated", "answer-lost"],
  ["create *Job linstor-paths-verify", "fail"],
  ["run linstor node-connection path list *", "crash-before", 4],
];

/** A fourth machine of the same kind, as a worker, in a ring that is opened for it. */
function addFourth(file: Document, further: object = {}): void {
  const set = (path: readonly string[], value: unknown): void =>
    file.setIn([...description, ...path], file.createNode(value));
  const third = file.getIn([...description, "hosts", "ms01-03"]) as { toJSON(): object };
  const text = JSON.stringify(third.toJSON())
    .replaceAll("ms01-03", "ms01-04")
    .replaceAll("58:47:ca:00:03", "58:47:ca:00:04");
  set(["hosts", "ms01-04"], JSON.parse(text));
  for (const [port, nic] of [
    ["7", "enp87s0"],
    ["8", "enp90s0"],
  ] as const) {
    set(["switches", "main", "ports", port], {
      speedMbps: 2500,
      host: "ms01-04",
      nic,
      tagged: ["external"],
      lag: "ms01-04",
    });
  }
  for (const [port, nic] of [
    ["sfp-sfpplus7", "enp2s0f0np0"],
    ["sfp-sfpplus8", "enp2s0f1np1"],
  ] as const) {
    set(["switches", "sfp", "ports", port], {
      speedMbps: 10_000,
      host: "ms01-04",
      nic,
      tagged: ["cluster"],
      lag: "ms01-04",
    });
  }
  set(["nodes", "talos-ms01-04"], {
    host: "ms01-04",
    role: "worker",
    install: { disk: "system" },
    addresses: { external: "10.8.20.14", cluster: "10.8.27.2" },
    links: { external: "bond0", cluster: "bond1" },
    podPrefix: "10.8.27.128/25",
    ...further,
  });
  set(["usb4Ring", "members", "ms01-04"], "10.8.49.4");
  set(
    ["usb4Ring", "cables"],
    [
      ["ms01-01/a", "ms01-02/b"],
      ["ms01-02/a", "ms01-03/b"],
      ["ms01-03/a", "ms01-04/b"],
      ["ms01-04/a", "ms01-01/b"],
    ],
  );
}

describe("LINSTOR's connections and their interfaces", () => {
  let project: Project;
  let rack: MetalRack;
  before(async () => {
    project = await Project.open("ms01-lab");
    rack = new MetalRack(project, "ms01-lab");
    await project.prepare();
  });
  after(() => project?.close());

  for (const [pattern, behaviour, remaining = 1] of faults) {
    it(`keep their order when "${pattern}" breaks (${behaviour})`, async () => {
      await rack.in((open) => addFault(open, { pattern, behaviour, remaining, text: "broken on purpose" }));
      const run = await project.up();
      assert.notEqual(run.code, 0, `nothing was broken:\n${run.output}`);
      const linstor = await rack.linstor();
      assert.equal(linstor.burnCount, 0, linstor.burning.join("\n"));
      if ((await rack.connections()).length > 0) {
        const without = Object.entries(linstor.nodes).filter(([, { interfaces }]) => interfaces["usb4"] === undefined);
        assert.deepEqual(without, []);
      }
      await project.settle();
    });
  }

  it("are all there in the end", async () => {
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.equal(Object.keys((await rack.linstor()).connections).length, 3);
    const again = await project.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
  });

  it("grow by exactly the pairs of a fourth machine", async () => {
    const before = (await rack.linstor()).connections;
    project.edit((file) => addFourth(file), "ms01");
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    const { connections, burnCount } = await rack.linstor();
    assert.equal(burnCount, 0);
    const added = Object.keys(connections).filter((key) => before[key] === undefined);
    assert.deepEqual(added.sort(), [
      "talos-ms01-01|talos-ms01-04",
      "talos-ms01-02|talos-ms01-04",
      "talos-ms01-03|talos-ms01-04",
    ]);
    for (const key of Object.keys(before)) assert.deepEqual(connections[key], before[key]);
    assert.ok(
      !run.operations.some((operation) => operation.endsWith("linstor-paths-dedicated")),
      run.operations.join("\n"),
    );
  });

  it("go with a machine that leaves, after its replicas have moved: none is ever missing", async () => {
    for (const name of ["one", "two", "three", "four"]) await rack.deploy(name);
    assert.ok((await rack.volumes()).some(({ diskful }) => diskful.includes("talos-ms01-04")));
    const nodeEntry = [...description, "nodes", "talos-ms01-04"];
    project.edit((file) => file.deleteIn(nodeEntry), "ms01");
    const unannounced = await project.preview();
    assert.notEqual(unannounced.code, 0);
    assert.match(
      unannounced.output,
      /nodes\.talos-ms01-04 is not in the description any more, and holds LINSTOR volumes/,
    );

    project.edit((file) => addFourth(file, { retire: true }), "ms01");
    const announced = await project.up();
    assert.equal(announced.code, 0, announced.output);
    project.edit((file) => file.deleteIn(nodeEntry), "ms01");
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    const deleted = (await project.journal())
      .filter(({ operation, preview, name }) => operation === "delete" && !preview && name.includes("talos-ms01-04"))
      .map(({ name }) => name);
    assert.equal(deleted[0], "members-talos-ms01-04", "it left before its pool and its configuration went");
    const { nodes, connections, outages, burnCount } = await rack.linstor();
    assert.deepEqual(Object.keys(nodes).sort(), ["talos-ms01-01", "talos-ms01-02", "talos-ms01-03"]);
    assert.equal(Object.keys(connections).length, 3);
    assert.deepEqual([outages ?? [], burnCount], [[], 0]);
    for (const { claim, inStep, diskful } of await rack.volumes()) {
      assert.deepEqual([inStep.length, inStep], [2, diskful], claim);
      assert.ok(!diskful.includes("talos-ms01-04"));
    }
    const again = await project.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
  });
});
