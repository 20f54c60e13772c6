import assert from "node:assert/strict";
import { furnish } from "../../lab/prepare.ts";
import { hosts } from "../../lab/rack/hosts.ts";
import { linksOf, putLinks } from "../../lab/rack/links.ts";
import { OPERATOR, reach } from "../../lab/rack/reach.ts";
import { cables, setCable } from "../../lab/rack/switches.ts";
import { type FurnishedRack, furnishedRack } from "./furnished-rack.ts";

describe("preparing a rack", () => {
  let world: FurnishedRack;
  beforeEach(() => {
    world = furnishedRack();
  });
  afterEach(() => world.close());

  it("leaves hosts as the installer does: the operator reaches them on the management VLAN, and nothing else is set up", () => {
    const { rack, plan } = world;
    for (const host of plan.hosts) {
      assert.deepEqual(reach(rack, { from: OPERATOR, to: host.managementAddress }), { ok: true, mtu: 1500 });
      const kinds = Object.values(linksOf(rack, host.name)).map(({ kind }) => kind);
      assert.deepEqual([...new Set(kinds)].sort(), ["bridge", "nic", "vlan"]);
    }
  });

  it("changes nothing when it is done again, and leaves alone what was done meanwhile", () => {
    const { rack, plan } = world;
    setCable(rack, "pve-ms01-01/enp87s0", false);
    const links = linksOf(rack, "pve-ms01-01");
    const storage = links["enp2s0f0np0"];
    assert.ok(storage);
    putLinks(rack, "pve-ms01-01", { ...links, enp2s0f0np0: { ...storage, comment: "by hand" } });
    const before = JSON.stringify([
      rack.census(),
      cables(rack).list(),
      hosts(rack).list(),
      linksOf(rack, "pve-ms01-01"),
    ]);
    assert.deepEqual(furnish(rack, plan), { added: [], removed: [], kept: [] });
    assert.equal(
      JSON.stringify([rack.census(), cables(rack).list(), hosts(rack).list(), linksOf(rack, "pve-ms01-01")]),
      before,
    );
  });

  it("takes out a host that carries nothing, and tells what keeps another one", () => {
    const { rack, plan } = world;
    hosts(rack).edit("pve-ms01-02", (host) => {
      for (const disk of host.disks) if (disk.name === "osd0") disk.holds = "osd.1";
    });
    const only = {
      ...plan,
      hardware: { ...plan.hardware, hosts: plan.hardware.hosts.filter(({ name }) => name === "pve-ms01-01") },
      switches: plan.switches.map((from) => ({
        ...from,
        ports: from.ports.filter(({ host }) => host === undefined || host === "pve-ms01-01"),
      })),
    };
    assert.deepEqual(furnish(rack, only), {
      added: [],
      removed: ["pve-aimax-01"],
      kept: [{ host: "pve-ms01-02", carries: ["osd.1 on osd0"] }],
    });
    const answer = reach(rack, { from: OPERATOR, to: "10.8.16.11" });
    assert.deepEqual(answer, { ok: true, mtu: 1500 }, "it stays plugged in, else nothing could be moved off it");
    assert.deepEqual(
      hosts(rack)
        .list()
        .map(({ id }) => id),
      ["pve-ms01-01", "pve-ms01-02"],
    );
  });
});
