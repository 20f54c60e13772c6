// Three machines on the metal, through the real engine: from switched off to volumes that replicate over the USB4 ring and outlive a
// cable or a machine.
import assert from "node:assert/strict";
import { RESYNC_MS } from "../../lab/rack/linstor/moves.ts";
import { listRestarts } from "../../lab/rack/talos/restarts.ts";
import { MetalRack } from "./support/metal-rack.ts";
import { at, Project } from "./support/project.ts";

const nodes = ["talos-ms01-01", "talos-ms01-02", "talos-ms01-03"];
const hostNames = ["ms01-01", "ms01-02", "ms01-03"];

describe("ms01 on its simulated rack", () => {
  let project: Project;
  let rack: MetalRack;
  before(async () => {
    project = await Project.open("ms01-lab");
    rack = new MetalRack(project, "ms01-lab");
  });
  after(() => project?.close());
  const pace = (latencyScale: number) =>
    project.edit((file) => file.setIn(["config", "homelab:simulation", "latencyScale"], latencyScale), "ms01-lab");

  it("comes up from machines that were switched off", async () => {
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    const linstor = await rack.linstor();
    assert.deepEqual(
      Object.entries(linstor.nodes).map(([name, { interfaces }]) => [name, interfaces["usb4"]]),
      [
        ["talos-ms01-01", "10.8.49.1"],
        ["talos-ms01-02", "10.8.49.2"],
        ["talos-ms01-03", "10.8.49.3"],
      ],
    );
    assert.equal(Object.keys(linstor.connections).length, 3);
  });

  it("changes nothing on a second up, and finds no drift", async () => {
    const again = await project.up();
    assert.equal(again.code, 0, again.output);
    assert.deepEqual(again.operations, []);
    const refresh = await project.refresh("--expect-no-changes");
    assert.equal(refresh.code, 0, refresh.output);
  });

  it("lets everybody in at the nodes who has to look at them, and one node answer for each service", async () => {
    for (const { complaints, services } of (await project.status()).kubernetes) {
      assert.deepEqual(complaints, []);
      assert.deepEqual(
        services.map(({ problem }) => problem),
        [undefined],
      );
    }
  });

  it("replicates volumes over the cables between the machines", async () => {
    for (const name of ["one", "two", "three"]) await rack.deploy(name);
    const volumes = await rack.volumes();
    assert.equal(volumes.length, 3);
    for (const volume of volumes) {
      assert.equal(volume.diskful.length, 2);
      assert.ok(volume.tieBreaker !== undefined && !volume.diskful.includes(volume.tieBreaker));
      assert.deepEqual(volume.writableOn, volume.diskful);
      for (const link of volume.links) {
        assert.equal(link.interface, "usb4");
        assert.equal(link.over.length, 2, `${link.nodes.join(" and ")} are neighbours: ${link.over.join(" → ")}`);
      }
    }
  });

  it("replicates nothing past the nodes' firewalls once the rule for it is gone, and nobody strange reaches their APIs", async () => {
    const rules = await rack.dropIngressRule("drbd");
    for (const { links, writableOn } of await rack.volumes()) {
      assert.deepEqual(
        links.flatMap(({ over }) => over),
        [],
      );
      assert.deepEqual(writableOn, [], "nobody hears a majority");
    }
    await rack.restoreConfigurations(rules);
    assert.deepEqual(await rack.answersAt("10.8.20.11", "192.168.1.10"), {
      talos: true,
      kubernetes: true,
      etcd: false,
    });
    assert.deepEqual(await rack.answersAt("10.8.24.2", "10.8.20.200"), {
      talos: false,
      kubernetes: false,
      etcd: false,
    });
  });

  it("goes on by the detour when any one cable of the ring is pulled", async () => {
    const cables = await rack.ringCables();
    assert.equal(cables.length, 3);
    for (const cable of cables) {
      await rack.setCable(cable, false);
      const volumes = await rack.volumes();
      const detours = volumes.flatMap(({ links }) => links.filter(({ over }) => over.length === 3));
      assert.ok(detours.length > 0, `nobody goes round ${cable}`);
      for (const volume of volumes) {
        assert.deepEqual(volume.writableOn, volume.diskful, `with ${cable} pulled`);
        for (const { over } of volume.links) assert.ok(over.length > 0, `with ${cable} pulled`);
      }
      await rack.setCable(cable, true);
    }
  });

  it("does not call a ring whole that is not: with two cables pulled, the third machine has no neighbours", async () => {
    const [one = "", two = ""] = (await rack.ringCables()).filter((id) => id.includes("ms01-01/"));
    for (const cable of [one, two]) await rack.setCable(cable, false);
    const volumes = await rack.volumes();
    const alone = volumes.filter(({ diskful }) => diskful.includes("talos-ms01-01"));
    assert.ok(alone.length > 0);
    for (const volume of alone) assert.ok(!volume.writableOn.includes("talos-ms01-01"), "no majority, no writes");
    for (const cable of [one, two]) await rack.setCable(cable, true);
  });

  it("keeps every volume writable when any one machine is down", async () => {
    for (const [index, host] of hostNames.entries()) {
      await rack.setPower(host, false);
      for (const volume of await rack.volumes()) {
        const left = volume.diskful.filter((name) => name !== nodes[index]);
        assert.deepEqual(volume.writableOn, left, `${volume.claim} with ${host} down`);
      }
      await rack.setPower(host, true);
    }
  });

  it("rolls a new Talos through, killed in the middle and started again, with etcd's majority and every volume writable", async () => {
    const before = (await rack.linstor()).outages;
    project.edit((file) => file.setIn(at("versions.talos"), "v1.13.1"), "ms01");
    pace(0.02);
    const wasRunning = await project.killUpWhen(async () => {
      const machines = (await project.status()).talos;
      return machines.some(({ name, stage }) => name === "talos-ms01-03" && stage === "booting");
    });
    assert.ok(wasRunning, "the run ended before it could be killed");
    pace(0);
    await project.settle();
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(
      (await project.status()).talos.map(({ version }) => version),
      ["v1.13.1", "v1.13.1", "v1.13.1"],
    );
    const restarts = await project.rack((open) => listRestarts(open));
    assert.deepEqual(
      restarts.map(({ node }) => node),
      ["talos-ms01-02", "talos-ms01-03", "talos-ms01-01"],
    );
    for (const [index, { node, from }] of restarts.entries()) {
      // One member of etcd at a time, and each when the replicas on the one before had caught up.
      const previous = restarts[index - 1];
      if (previous !== undefined)
        assert.ok(from >= previous.until + RESYNC_MS, `${node} followed ${previous.node} too soon`);
    }
    assert.deepEqual((await rack.linstor()).outages, before, "a volume could not be written meanwhile");
    for (const { claim, inStep, diskful } of await rack.volumes()) assert.deepEqual(inStep, diskful, claim);
    const again = await project.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
  });

  it("has never kept LINSTOR's controller busy with an interface that was not there, and goes away without doing so", async () => {
    assert.equal((await rack.linstor()).burnCount, 0);
    const run = await project.destroy();
    assert.equal(run.code, 0, run.output);
    assert.equal((await rack.linstor()).burnCount, 0);
  });
});
