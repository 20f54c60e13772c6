// etcd is lost on every control plane, and comes back from a snapshot by the commands of the guide, as they stand there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { passTime } from "../../../lab/operator/operator-machine.ts";
import { listKind } from "../../../lab/rack/kubernetes/objects.ts";
import { hasQuorum, listClusters } from "../../../lab/rack/talos/cluster.ts";
import { etcdStatus } from "../../../lab/rack/talos/status.ts";
import { K, object, statusOf } from "../kubernetes-world.ts";
import { type OperatorWorld, operatorWorld } from "../operator-world.ts";

const guide = readFileSync(join(import.meta.dirname, "../../../docs/guides/backup-restore.md"), "utf8");
/** The one command of the guide that has these words. */
const command = (words: RegExp): string => {
  const found = [...guide.matchAll(/`(talosctl [^`]+)`|^ {4}(talosctl [^#\n]+)/gm)]
    .map(([, inline, block]) => (inline ?? block ?? "").trim())
    .filter((text) => words.test(text));
  assert.equal(found.length, 1, `${words}: ${found.join(" | ")}`);
  return found[0] ?? "";
};

describe("a cluster whose etcd is lost", function () {
  this.timeout(60_000);
  let world: OperatorWorld;
  beforeEach(async () => {
    world = await operatorWorld();
  });
  afterEach(() => world.close());

  const nodes = ["10.8.16.20", "10.8.16.21", "10.8.16.22"];
  /** Runs a command where the operator has a talosconfig that names all control planes. */
  const run = (text: string) =>
    world.run(
      `cd /root; umask 077
printf '%s' "$TALOSCONFIG_TEXT" | sed 's/endpoints: \\[\\]/endpoints: [${nodes.join(", ")}]/' >/root/talosconfig
TALOSCONFIG=/root/talosconfig ${text}`,
    );
  const names = () => {
    const [cluster] = listClusters(world.rack);
    return cluster === undefined
      ? []
      : listKind({ rack: world.rack, cluster }, "ConfigMap").map(({ object: { metadata } }) => metadata.name);
  };
  const note = (name: string) =>
    world.kubernetes.create(K.configMap, object("v1", "ConfigMap", { name, namespace: "default" }, { data: {} }));
  const loseAll = async () => {
    await run(command(/reset/));
    await passTime(world.rack, 60);
  };

  it("has what it had at the snapshot, all members, and Ready nodes", async () => {
    await note("before");
    await run(command(/etcd snapshot/));
    await note("after");
    await loseAll();
    assert.deepEqual(listClusters(world.rack), []);
    for (const node of nodes)
      assert.match((await run(command(/service etcd/).replace("<each>", node))).stdout, /STATE {4}Preparing/);
    await run(command(/recover-from/));
    await passTime(world.rack, 120);
    assert.ok(names().includes("before") && !names().includes("after"), names().join(", "));
    const [etcd] = etcdStatus(world.rack);
    assert.deepEqual(
      etcd?.members.map(({ name, isAlive }) => `${name} ${isAlive}`),
      ["talos-k8s-01 true", "talos-k8s-02 true", "talos-k8s-03 true"],
    );
    const { stdout } = await run(command(/etcd members/));
    assert.equal(stdout.trim().split("\n").length, 4);
    assert.deepEqual(
      statusOf(world).nodes.map(({ isReady }) => isReady),
      [true, true, true],
    );
  });

  it("keeps its majority when one of three is wiped, which then joins again", async () => {
    await note("before");
    await run(command(/reset/).replace(nodes.join(","), "10.8.16.22"));
    const [cluster] = listClusters(world.rack);
    assert.ok(cluster !== undefined && hasQuorum(world.rack, cluster));
    await passTime(world.rack, 60);
    assert.deepEqual(
      etcdStatus(world.rack)[0]?.members.map(({ isAlive }) => isAlive),
      [true, true, true],
    );
    assert.ok(names().includes("before"));
  });

  it("is not started from something that is no snapshot, nor while it lives", async () => {
    await run("sh -c true; echo nonsense >/root/etcd.snapshot");
    await assert.rejects(
      run(command(/recover-from/)),
      /etcd data directory is not empty|snapshot file size is not valid/,
    );
    await run(command(/etcd snapshot/));
    await assert.rejects(run(command(/recover-from/)), /etcd data directory is not empty/);
  });
});
