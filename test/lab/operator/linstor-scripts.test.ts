// Upgrading and removing nodes that hold replicas: no volume is ever without somebody who can write it, and none is left with fewer replicas.
import assert from "node:assert/strict";
import { connectionSpec, interfaceLabel } from "../../../components/linstor/interface-label.ts";
import { renderCreatePaths } from "../../../components/linstor/paths.ts";
import { renderRegisterInterfaces } from "../../../components/linstor/register-interfaces.ts";
import { renderMarkMembers } from "../../../components/operator-scripts/mark-members.ts";
import { renderRemoveNode } from "../../../components/operator-scripts/remove-node.ts";
import { renderUpgradeNode } from "../../../components/operator-scripts/upgrade-node.ts";
import type { Outputs } from "../../../lab/host/script-outputs.ts";
import { passTime, runOperatorScript } from "../../../lab/operator/operator-machine.ts";
import { addFault, listFaults } from "../../../lab/rack/faults.ts";
import { hosts } from "../../../lab/rack/hosts.ts";
import { applyObject } from "../../../lab/rack/kubernetes/changes.ts";
import { nodeLabels } from "../../../lab/rack/kubernetes/node-labels.ts";
import type { NodeMarks } from "../../../lab/rack/kubernetes/node-objects.ts";
import { RESYNC_MS } from "../../../lab/rack/linstor/moves.ts";
import { reconcileLinstor } from "../../../lab/rack/linstor/operator.ts";
import { type VolumeStatus, volumeStates } from "../../../lab/rack/linstor/resources.ts";
import { linstorState } from "../../../lab/rack/linstor/state.ts";
import { cables, setCable } from "../../../lab/rack/switches.ts";
import { listNodes, type TalosNode } from "../../../lab/rack/talos/nodes.ts";
import { listRestarts } from "../../../lab/rack/talos/restarts.ts";
import { upgradeTalos } from "../../../lab/rack/talos/upgrade.ts";
import type { LinstorPlan } from "../../../plan/plan.ts";
import { deployWithVolume, replicatedClass } from "../../support/volume-user.ts";
import { type LinstorWorld, linstorWorld } from "../linstor/linstor-world.ts";
import { operatorEnvironment } from "../operator-world.ts";

describe("scripts on the operator's machine, with volumes on the nodes", function () {
  this.timeout(60_000);
  let world: LinstorWorld;
  beforeEach(async () => {
    world = await linstorWorld();
    world.rack.transaction(() => {
      applyObject(world.api(), replicatedClass, { manager: "test" });
      for (const name of ["one", "two", "three"]) deployWithVolume(world.api(), name);
    });
    await run(renderMarkMembers("ms01"), { NODES: world.plan.nodes.map(({ name }) => name).join(" ") });
  });
  afterEach(() => world.close());

  const run = (script: string, variables: Readonly<Record<string, string>>): Promise<Outputs> =>
    runOperatorScript(world.rack, {
      script,
      environment: { ...operatorEnvironment(world), STORAGE: "linstor", REPLICAS: "2", ...variables },
    });
  const variablesOf = (name: string, role = "controlplane") => ({
    NODE_NAME: name,
    NODE_ADDRESS: world.plan.nodes.find((node) => node.name === name)?.managementAddress ?? "",
    ROLE: role,
  });
  const image = (version: string): string => `factory.talos.dev/metal-installer/${world.schematic}:${version}`;
  const upgrade = (name: string) =>
    run(renderUpgradeNode(name), { ...variablesOf(name), INSTALLER_IMAGE: image("v1.13.1"), DRAIN_TIMEOUT: "60s" });
  const leave = async (name: string, role?: string) => {
    const others = world.plan.nodes.filter((node) => node.name !== name).map((node) => node.name);
    await run(renderMarkMembers("ms01"), { NODES: others.filter((other) => !isOff(other)).join(" ") });
    return run(renderRemoveNode(name), { ...variablesOf(name, role), DRAIN_TIMEOUT: "60s" });
  };
  const isOff = (name: string) => hosts(world.rack).get(name.replace("talos-", ""))?.powered === false;
  const switchOff = (name: string) =>
    hosts(world.rack).edit(name.replace("talos-", ""), (host) => {
      host.powered = false;
    });
  const state = () =>
    world.rack.transaction(() => {
      reconcileLinstor(world.api());
      return linstorState(world.api());
    });
  const volumes = (): VolumeStatus[] => volumeStates(world.api(), state());
  const cordoned = () =>
    world.rack
      .collection<NodeMarks>("node-marks/ms01")
      .list()
      .filter(({ body }) => body.isCordoned)
      .map(({ id }) => id);

  it("would lose volumes without the gate: two nodes restarted in a row", async () => {
    for (const name of ["talos-ms01-01", "talos-ms01-02"]) {
      const node = listNodes(world.rack).find(({ hostname }) => hostname === name);
      world.rack.transaction(() => upgradeTalos(world.rack, node as TalosNode, image("v1.13.1")));
      await passTime(world.rack, 71);
    }
    assert.notDeepEqual(state().outages ?? [], [], "the rack would not notice a rollout that is too fast");
  });

  it("touch the next node only when every replica has caught up", async () => {
    for (const { name } of world.plan.nodes) await upgrade(name);
    const restarts = listRestarts(world.rack);
    assert.equal(restarts.length, 3);
    for (const [index, { from, node }] of restarts.entries()) {
      const before = restarts[index - 1];
      if (before !== undefined) assert.ok(from - before.until >= RESYNC_MS, `${node} followed too soon`);
    }
    assert.deepEqual(state().outages ?? [], []);
  });

  it("do not touch a node while replicas do not hear each other, though every node is Ready", async () => {
    const linstor = { ...(world.plan.linstor as LinstorPlan), method: "cli" as const };
    await world.script(renderRegisterInterfaces({ interfaces: linstor.interfaces, tries: 2 }));
    await world.script(renderCreatePaths(linstor));
    const alone = cables(world.rack)
      .list()
      .filter(({ id, body }) => id.includes("ms01-01/") && body.ends.every(({ at }) => at === "usb4"));
    assert.equal(alone.length, 2);
    for (const { id } of alone) setCable(world.rack, id, false);
    await assert.rejects(
      upgrade("talos-ms01-02"),
      /gave up waiting for the volumes to be in step; last answer: .*Connecting\(talos-ms01-01\)/s,
    );
    assert.deepEqual([listRestarts(world.rack), cordoned()], [[], []]);
  });

  it("move replicas elsewhere, keep two of each all the time, and forget the node", async () => {
    const before = volumes().filter(({ diskful }) => diskful.includes("talos-ms01-02"));
    assert.ok(before.length > 0);
    assert.match((await leave("talos-ms01-02")).stderr, /talos-ms01-02, removal: has left the cluster$/);
    for (const { claim, diskful, inStep } of volumes())
      assert.deepEqual([...inStep].sort(), ["talos-ms01-01", "talos-ms01-03"], `${claim}: ${diskful.join(", ")}`);
    assert.deepEqual(Object.keys(state().nodes), ["talos-ms01-01", "talos-ms01-03"]);
    assert.ok(!Object.keys(state().connections).some((pair) => pair.includes("talos-ms01-02")));
    assert.deepEqual(state().outages ?? [], []);
  });

  // Whether LINSTOR knows the node is asked twice, what it holds three times.
  for (const [behaviour, command, position] of [
    ["fail", "node list", 1],
    ["fail", "node list", 2],
    ["partial", "node list", 2],
    ["partial", "storage-pool list", 1],
    ["partial", "resource list *", 1],
    ["partial", "resource list *", 2],
    ["fail", "node evacuate *", 1],
    ["answer-lost", "node evacuate *", 1],
    ["crash-after", "node evacuate *", 1],
  ] as const) {
    it(`lose no replica when "linstor ${command}" breaks (${behaviour} at ${position}), and are ended by the next run`, async () => {
      const pattern = `run linstor ${command}`;
      if (position > 1) addFault(world.rack, { pattern, behaviour: "slow", ms: 0, remaining: position - 1 });
      addFault(world.rack, { pattern, behaviour, remaining: 1 });
      const isDone = await leave("talos-ms01-02").then(
        () => true,
        () => false,
      );
      assert.deepEqual(
        listFaults(world.rack).filter(({ remaining }) => remaining > 0),
        [],
        "nothing broke",
      );
      for (const { claim, inStep } of volumes()) assert.ok(inStep.length >= 2, `${claim} has ${inStep}`);
      if (!isDone) await leave("talos-ms01-02");
      for (const { claim, inStep } of volumes())
        assert.deepEqual([...inStep].sort(), ["talos-ms01-01", "talos-ms01-03"], claim);
      assert.deepEqual(state().outages ?? [], []);
    });
  }

  it("refuse, before a pod is moved, when too few nodes are left for the replicas", async () => {
    switchOff("talos-ms01-03");
    await passTime(world.rack, 10);
    await assert.rejects(
      leave("talos-ms01-02", "worker"),
      /talos-ms01-02, removal: its volumes have 2 replicas, and nodes that can hold one without it: 1; add a node/,
    );
    assert.deepEqual(cordoned(), []);
  });

  it("give up the replicas of a dead node, and make them anew elsewhere", async () => {
    switchOff("talos-ms01-03");
    const { stderr } = await leave("talos-ms01-03");
    assert.match(stderr, /does not answer: its replicas are given up, and made anew elsewhere/);
    for (const { inStep } of volumes()) assert.deepEqual([...inStep].sort(), ["talos-ms01-01", "talos-ms01-02"]);
    assert.deepEqual(Object.keys(state().nodes), ["talos-ms01-01", "talos-ms01-02"]);
  });

  it("let no connection name the interface of a lost node that comes back: LINSTOR has forgotten it", async () => {
    const linstor = world.plan.linstor as LinstorPlan;
    await world.script(renderRegisterInterfaces({ interfaces: linstor.interfaces, tries: 2 }));
    const labels = nodeLabels(world.rack, world.api().cluster);
    for (const { node, name } of linstor.interfaces) labels.put(node, { [interfaceLabel(name)]: "registered" });
    for (const connection of linstor.connections) await world.connection(connection.name, connectionSpec(connection));
    assert.equal(Object.keys(state().connections).length, 3);
    switchOff("talos-ms01-03");
    addFault(world.rack, { pattern: "run linstor node lost *", behaviour: "crash-after", remaining: 1 });
    await assert.rejects(leave("talos-ms01-03"));
    hosts(world.rack).edit("ms01-03", (host) => {
      host.powered = true;
    });
    await passTime(world.rack, 600);
    const { nodes, connections, burnCount } = state();
    assert.deepEqual(Object.keys(nodes["talos-ms01-03"]?.interfaces ?? {}), ["default-ipv4"]);
    assert.deepEqual([Object.keys(connections), burnCount], [["talos-ms01-01|talos-ms01-02"], 0]);
  });
});
