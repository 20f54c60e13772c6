// Nine servers in three racks, through the real engine: from switched off to a cluster whose volumes replicate over the storage network.
import assert from "node:assert/strict";
import { MetalRack } from "./support/metal-rack.ts";
import { Project } from "./support/project.ts";

/** node01 to node03 stand in rack 1, and so on. */
const rackOf = (node: string): number => Math.ceil(Number(node.slice(-2)) / 3);

describe("datacenter on its simulated rack", () => {
  let project: Project;
  let rack: MetalRack;
  before(async () => {
    project = await Project.open("datacenter-lab");
    rack = new MetalRack(project, "datacenter-lab");
  });
  after(() => project?.close());

  it("comes up from servers that were switched off, every node with its interface for replication", async () => {
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    const { nodes, burnCount } = await rack.linstor();
    assert.deepEqual(
      Object.entries(nodes).map(([name, { interfaces }]) => `${name} ${interfaces["storage"]}`),
      [10, 11, 12, 20, 21, 22, 23, 24, 25].map((last, i) => `node0${i + 1} 10.0.40.${last}`),
    );
    assert.equal(burnCount, 0);
  });

  it("changes nothing on a second up", async () => {
    const again = await project.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
    assert.deepEqual(again.operations, []);
  });

  it("lets the operator in at the nodes, and neither clients nor a machine that is being installed", async () => {
    const apis = (talos: boolean) => ({ talos, kubernetes: talos, etcd: false });
    assert.deepEqual(await rack.answersAt("10.0.200.10", "10.0.10.10"), apis(true));
    for (const stranger of ["10.0.30.200", "10.0.100.150", "10.0.10.5"])
      assert.deepEqual(await rack.answersAt("10.0.200.10", stranger), apis(false), stranger);
    for (const { complaints, services } of (await project.status()).kubernetes) {
      assert.deepEqual(complaints, []);
      assert.deepEqual(
        services.map(({ address, problem }) => [address, problem]),
        [["10.0.30.100", undefined]],
      );
    }
  });

  it("keeps each volume in two racks of workers, with a vote in the third, over the storage network", async () => {
    for (const name of ["one", "two", "three", "four"]) await rack.deploy(name);
    const volumes = await rack.volumes();
    assert.equal(volumes.length, 4);
    for (const { claim, diskful, tieBreaker, writableOn, links } of volumes) {
      assert.deepEqual(diskful.map(rackOf).sort(), [2, 3], claim);
      assert.equal(rackOf(tieBreaker ?? ""), 1, claim);
      assert.deepEqual(writableOn, diskful);
      for (const link of links) assert.equal(link.interface, "storage");
    }
  });

  for (const number of [1, 2, 3]) {
    it(`goes on writing every volume outside of rack ${number} when that rack's switch fails`, async () => {
      await project.lab(`power off tor-${number}`);
      for (const { claim, diskful, writableOn } of await rack.volumes())
        assert.deepEqual(
          writableOn,
          diskful.filter((name) => rackOf(name) !== number),
          claim,
        );
      await project.lab(`power on tor-${number}`);
      for (const { claim, diskful, writableOn } of await rack.volumes()) assert.deepEqual(writableOn, diskful, claim);
    });
  }

  it("writes nothing twice while the core is down and no rack hears another", async () => {
    await project.lab("power off core");
    for (const { claim, writableOn } of await rack.volumes()) assert.deepEqual(writableOn, [], claim);
    await project.lab("power on core");
    for (const { claim, diskful, writableOn } of await rack.volumes()) assert.deepEqual(writableOn, diskful, claim);
  });

  it("leaves servers that run Talos and nothing that it has put on them when it is destroyed", async () => {
    const run = await project.destroy();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(await project.resources(), []);
    const { kubernetes } = await project.status();
    assert.deepEqual(
      kubernetes.map(({ services }) => services),
      [[]],
    );
    const { nodes, connections, burnCount } = await rack.linstor();
    assert.deepEqual([nodes, connections, burnCount], [{}, {}, 0]);
  });
});
