// What the program's scripts for the operator's machine do to a cluster, and that doing it again does nothing.
import assert from "node:assert/strict";
import { renderMarkMembers } from "../../../components/operator-scripts/mark-members.ts";
import { renderRemoveNode } from "../../../components/operator-scripts/remove-node.ts";
import { renderUpgradeCheck } from "../../../components/operator-scripts/upgrade-check.ts";
import { renderUpgradeKubernetes } from "../../../components/operator-scripts/upgrade-kubernetes.ts";
import { renderUpgradeNode } from "../../../components/operator-scripts/upgrade-node.ts";
import { renderWaitForCluster } from "../../../components/operator-scripts/wait-for-cluster.ts";
import type { NodeMarks } from "../../../lab/rack/kubernetes/node-objects.ts";
import { breakNextRestart, listRestarts } from "../../../lab/rack/talos/restarts.ts";
import { etcdStatus, talosStatus } from "../../../lab/rack/talos/status.ts";
import { vms } from "../../../lab/rack/vms.ts";
import { type OperatorWorld, operatorWorld } from "../operator-world.ts";

const node = { NODE_NAME: "talos-k8s-02", NODE_ADDRESS: "10.8.16.21", ROLE: "controlplane", DRAIN_TIMEOUT: "60s" };
const names = "talos-k8s-01 talos-k8s-02 talos-k8s-03";

describe("scripts on the operator's machine", function () {
  this.timeout(60_000);
  let world: OperatorWorld;
  beforeEach(async () => {
    world = await operatorWorld();
  });
  afterEach(() => world.close());

  const image = (version: string): string => `factory.talos.dev/nocloud-installer/${world.schematic}:${version}`;
  const upgrade = (version = "v1.13.1") =>
    world.run(renderUpgradeNode(node.NODE_NAME), { ...node, INSTALLER_IMAGE: image(version) });
  const versionOf = (name: string) => talosStatus(world.rack).find((one) => one.name === name)?.version;
  const cordoned = () =>
    world.rack
      .collection<NodeMarks>("node-marks/homelab")
      .list()
      .filter(({ body }) => body.isCordoned)
      .map(({ id }) => id);
  const budget = (minAvailable: number) => ({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "web", namespace: "default" },
    spec: { minAvailable, selector: { matchLabels: { app: "web" } } },
  });
  const deployment = (replicas: number) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    },
  });

  it("refuse to encrypt nodes that were installed without it, before anything changes", async () => {
    const check = (ENCRYPTED: string, more = {}) =>
      world.run(renderUpgradeCheck("homelab"), {
        TALOS_VERSION: "v1.13.0",
        KUBERNETES_VERSION: "v1.35.0",
        NODES: "10.8.16.20 10.8.16.21 10.8.16.22",
        SNAPSHOT_NAME: "homelab-before",
        ENCRYPTED,
        ...more,
      });
    assert.equal((await check("")).stdout, "v1.13.0 v1.35.0");
    await assert.rejects(
      check("10.8.16.20/STATE"),
      /STATE of 10\.8\.16\.20 was installed open, and the description says encrypted; .*docs\/guides\/secure-boot\.md/,
    );
    const before = { PULUMI_COMMAND_STDOUT: "v1.13.0 v1.35.0 encrypted: 10.8.16.20/STATE" };
    assert.equal((await check("10.8.16.20/STATE", before)).stdout, before.PULUMI_COMMAND_STDOUT, "asked once");
  });

  it("upgrade one node, leave it uncordoned, and find nothing to do the second time", async () => {
    await upgrade();
    assert.equal(versionOf("talos-k8s-02"), "v1.13.1");
    assert.equal(versionOf("talos-k8s-01"), "v1.13.0");
    assert.deepEqual(cordoned(), []);
    assert.match((await upgrade()).stderr, /talos-k8s-02, upgrade: runs v1\.13\.1 already$/);
    assert.equal(listRestarts(world.rack).length, 1);
  });

  it("give up, with the node uncordoned, when it starts its former Talos again", async () => {
    breakNextRestart(world.rack, "talos-k8s-02", "falls-back");
    await assert.rejects(
      upgrade(),
      /talos-k8s-02, upgrade: gave up waiting for the node to come back with v1\.13\.1; no other node is touched/,
    );
    assert.deepEqual([versionOf("talos-k8s-02"), cordoned()], ["v1.13.0", []]);
    await upgrade();
    assert.equal(versionOf("talos-k8s-02"), "v1.13.1");
  });

  it("keep a cordon that somebody else has put on", async () => {
    await world.run(`umask 077; printf '%s' "$TALOSCONFIG_TEXT" >/tmp/t; export TALOSCONFIG=/tmp/t
      talosctl -e 10.8.16.20 -n 10.8.16.20 kubeconfig /tmp/k --merge=false --force
      kubectl --kubeconfig /tmp/k cordon talos-k8s-02`);
    await upgrade();
    assert.deepEqual(cordoned(), ["talos-k8s-02"]);
  });

  it("move pods as far as disruption budgets let them, and give up uncordoned where they do not", async () => {
    await world.kubernetes.create("kubernetes:apps/v1:Deployment", deployment(3));
    await world.kubernetes.create("kubernetes:policy/v1:PodDisruptionBudget", budget(3));
    await assert.rejects(
      upgrade(),
      /talos-k8s-02, upgrade: could not be drained in 60s; a PodDisruptionBudget that allows no disruption is the usual reason: kubectl get pdb -A/,
    );
    assert.deepEqual([versionOf("talos-k8s-02"), cordoned()], ["v1.13.0", []]);
    world.rack
      .collection<{ object: object }>("kubernetes/homelab")
      .edit("policy/PodDisruptionBudget/default/web", (stored) => {
        stored.object = { ...stored.object, ...budget(2) };
      });
    await upgrade();
    assert.equal(versionOf("talos-k8s-02"), "v1.13.1");
  });

  it("do not touch a node while another member of etcd is down", async () => {
    vms(world.rack).edit("8003", (vm) => {
      vm.running = false;
    });
    await assert.rejects(upgrade(), /gave up waiting for etcd to be healthy; last answer: .*10\.8\.16\.22/s);
    assert.deepEqual(listRestarts(world.rack), []);
  });

  it("refuse an image that is not there, older Talos, and skipped releases, each before anything is drained", async () => {
    await assert.rejects(upgrade("v1.12.4"), /runs Talos v1\.13\.0, newer than v1\.12\.4; going back is not supported/);
    const check = (talos: string, kubernetes: string) =>
      world.run(renderUpgradeCheck("homelab"), {
        TALOS_VERSION: talos,
        KUBERNETES_VERSION: kubernetes,
        NODES: "10.8.16.20 10.8.16.21 10.8.16.22",
        SNAPSHOT_NAME: "test",
        PULUMI_COMMAND_STDOUT: "v1.13.0 v1.35.0",
      });
    await assert.rejects(
      check("v1.15.0", "v1.35.0"),
      /10\.8\.16\.20 runs Talos v1\.13\.0, and v1\.15\.0 skips a minor release; go by v1\.14 first/,
    );
    await assert.rejects(
      check("v1.13.0", "v1.34.9"),
      /talos-k8s-01 runs Kubernetes v1\.35\.0, and the description says v1\.34\.9; going back is not supported/,
    );
    assert.equal((await check("v1.13.1", "v1.36.0")).stdout, "v1.13.1 v1.36.0");
    assert.deepEqual(cordoned(), []);
  });

  it("raise Kubernetes on all nodes once", async () => {
    const run = () => world.run(renderUpgradeKubernetes("homelab"), { KUBERNETES_VERSION: "v1.36.0" });
    assert.match((await run()).stderr, /homelab, Kubernetes upgrade: runs v1\.36\.0$/);
    assert.match((await run()).stderr, /runs v1\.36\.0 already$/);
  });

  it("take a node out of etcd and of Kubernetes only when the description does not name it", async () => {
    const leave = () => world.run(renderRemoveNode(node.NODE_NAME), node);
    await world.run(renderMarkMembers("homelab"), { NODES: names });
    assert.match((await leave()).stderr, /goes with the whole cluster: nothing to hand over$/);
    assert.equal(etcdStatus(world.rack)[0]?.members.length, 3);
    await world.run(renderMarkMembers("homelab"), { NODES: "talos-k8s-01 talos-k8s-03" });
    assert.match((await leave()).stderr, /has left the cluster$/);
    assert.deepEqual(
      etcdStatus(world.rack)[0]?.members.map(({ name }) => name),
      ["talos-k8s-01", "talos-k8s-03"],
    );
    assert.match((await leave()).stderr, /is no member any more$/);
  });

  it("wait for nodes and etcd, and name who is missing", async () => {
    const wait = (nodes: string) => world.run(renderWaitForCluster("homelab"), { NODES: nodes });
    assert.equal((await wait("10.8.16.20 10.8.16.21 10.8.16.22")).stdout, "healthy");
    await assert.rejects(
      wait("10.8.16.20 10.8.16.77"),
      /gave up waiting for all nodes to answer; last answer: no answer: 10\.8\.16\.77/,
    );
  });

  it("leave nothing of their access behind", async () => {
    const { stdout } = await world.run(`${renderWaitForCluster("homelab")}\nls "$work"`, { NODES: "10.8.16.20" });
    assert.match(stdout, /talosconfig/);
    assert.equal((await world.run("ls /tmp")).stdout, "");
  });
});
