// Life after the first day, through the real engine: versions that go up one node at a time, and those that may not.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { listRestarts, type Restart } from "../../lab/rack/talos/restarts.ts";
import { BuiltHomelab, succeeded } from "./support/built-homelab.ts";
import { at, type Project } from "./support/project.ts";

const version = (what: "talos" | "kubernetes", value: string) => (file: Document) =>
  file.setIn(at(`versions.${what}`), value);

describe("new versions on a running cluster", () => {
  let homelab: BuiltHomelab;
  let project: Project;
  before(async () => {
    homelab = await BuiltHomelab.open();
    project = homelab.project;
  });
  afterEach(() => homelab?.restore());
  after(() => homelab?.close());

  const restarts = (): Promise<Restart[]> => project.rack((rack) => listRestarts(rack));
  const versions = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await project.status()).talos.map((node) => [node.name, node.version]));
  const allAt = (talos: string) => ({ "talos-k8s-01": talos, "talos-k8s-02": talos, "talos-k8s-03": talos });
  const pace = (latencyScale: number) => (file: Document) =>
    file.setIn(["config", "homelab:simulation", "latencyScale"], latencyScale);

  /** Pairs of control planes that were down at the same time. */
  async function downTogether(): Promise<string[]> {
    const all = await restarts();
    return all.flatMap((a, i) =>
      all.slice(i + 1).flatMap((b) => (a.from < b.until && b.from < a.until ? [`${a.node} and ${b.node}`] : [])),
    );
  }

  it("brings Talos up node by node, the one that carries the API's address last, and then changes nothing", async () => {
    project.edit(version("talos", "v1.13.1"));
    const run = succeeded(await project.up());
    assert.deepEqual(await versions(), allAt("v1.13.1"));
    assert.deepEqual(
      (await restarts()).map(({ node }) => node),
      ["talos-k8s-02", "talos-k8s-03", "talos-k8s-01"],
    );
    assert.deepEqual(await downTogether(), []);
    assert.equal(
      run.operations.filter((operation) => operation.startsWith("replace") && operation.endsWith("-vm")).length,
      0,
    );
    succeeded(await project.up("--expect-no-changes"));
  });

  it("saves etcd before the first node, where only the operator can read it", async () => {
    project.edit(version("talos", "v1.13.2"));
    succeeded(await project.up());
    const files = await project.rack((rack) =>
      rack.collection<{ mode: string; isDirectory?: boolean }>("operator-file").list(),
    );
    const snapshots = files.filter(({ body }) => body.isDirectory !== true);
    assert.equal(snapshots.length, 1);
    assert.match(
      snapshots[0]?.id ?? "",
      /^\/root\/\.local\/state\/homelab\/homelab-before-v1\.13\.2-v1\.35\.0-.*\.snapshot$/,
    );
    assert.equal(snapshots[0]?.body.mode, "600");
  });

  it("has etcd saved inside the cluster every six hours, as its status shows", async () => {
    const said = await project.lab("time pass 1d");
    assert.equal(said.split("\n").filter((line) => /etcd-backup\/etcd-backup +ok$/.test(line.trim())).length, 4, said);
    assert.equal((await project.status()).snapshots.length, 4);
    assert.match(await project.lab("status"), /Snapshots of etcd\n {2}4, the newest etcd-\S+\.snapshot/);
  });

  it("brings Kubernetes up before any node is configured anew, without a restart", async () => {
    project.edit(version("kubernetes", "v1.36.0"));
    succeeded(await project.up());
    assert.deepEqual(await restarts(), []);
    const journal = (await project.journal()).filter((entry) => entry.operation === "update" && !entry.preview);
    const first = (name: RegExp) => journal.findIndex((entry) => name.test(entry.name));
    assert.ok(first(/^upgrade-kubernetes$/) >= 0 && first(/^upgrade-kubernetes$/) < first(/-configuration$/));
    succeeded(await project.up("--expect-no-changes"));
  });

  it("refuses to go back or to skip a minor release in the preview, and in an up that has none, with nothing changed", async () => {
    const before = await versions();
    for (const [what, value, expected] of [
      [
        "talos",
        "v1.12.4",
        /versions\.talos: the cluster runs Talos v1\.13\.0, and v1\.12\.4 is older; going back is not supported/,
      ],
      ["kubernetes", "v1.34.0", /versions\.kubernetes: the cluster runs Kubernetes v1\.35\.0, and v1\.34\.0 is older/],
      [
        "kubernetes",
        "v1.37.0",
        /versions\.kubernetes: the cluster runs Kubernetes v1\.35\.0, and v1\.37\.0 skips a minor release; go to the newest v1\.36 first/,
      ],
    ] as const) {
      await homelab.restore();
      // Which Talos runs that Kubernetes is another question.
      if (value === "v1.37.0") project.edit(version("talos", "v1.14.0"));
      project.edit(version(what, value));
      const preview = await project.preview();
      assert.notEqual(preview.code, 0, `${what} ${value}`);
      assert.match(preview.output, expected);
      const up = await project.up();
      assert.notEqual(up.code, 0, `${what} ${value}`);
      assert.match(up.output, /runs (Talos|Kubernetes) v1\.\d+\.0, and/);
      assert.deepEqual(
        up.operations.filter((operation) => !/versions/.test(operation)),
        [],
      );
      assert.deepEqual(await versions(), before);
    }
  });

  it("goes on where a killed run stopped, and never has two control planes down", async () => {
    project.edit(version("talos", "v1.13.1"));
    project.edit(pace(0.02), "lab");
    const wasRunning = await project.killUpWhen(async () => {
      const nodes = (await project.status()).talos;
      return nodes.some((node) => node.name === "talos-k8s-03" && node.stage === "booting");
    });
    assert.ok(wasRunning, "the run ended before it could be killed");
    assert.notDeepEqual(await versions(), allAt("v1.13.1"));
    project.edit(pace(0), "lab");
    await project.settle();
    succeeded(await project.up());
    assert.deepEqual(await versions(), allAt("v1.13.1"));
    assert.deepEqual(await downTogether(), []);
    assert.equal((await restarts()).length, 3);
  });

  it("stops at a node that does not get Ready: the next is not touched, this one takes pods again", async () => {
    await project.lab("fault upgrade talos-k8s-02 not-ready");
    project.edit(version("talos", "v1.13.1"));
    const run = await project.up();
    assert.notEqual(run.code, 0);
    assert.match(
      run.output,
      /talos-k8s-02, upgrade: gave up waiting for the node to be Ready; no other node is touched; last answer: container runtime is down/,
    );
    assert.deepEqual(await versions(), { ...allAt("v1.13.0"), "talos-k8s-02": "v1.13.1" });
    const marks = await project.rack((rack) => rack.collection<{ isCordoned: boolean }>("node-marks/homelab").list());
    assert.deepEqual(
      marks.filter(({ body }) => body.isCordoned),
      [],
    );
    // Nobody repaired it: the next node is not touched either.
    const impatient = await project.up();
    assert.notEqual(impatient.code, 0);
    assert.match(
      impatient.output,
      /talos-k8s-03, upgrade: gave up waiting for every other node to be Ready; last answer: not Ready: talos-k8s-02/,
    );
    assert.equal((await restarts()).length, 1);
    // The node is repaired: the same command finishes.
    await project.lab("fault mend talos-k8s-02");
    succeeded(await project.up());
    assert.deepEqual(await versions(), allAt("v1.13.1"));
  });
});
