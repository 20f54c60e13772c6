import assert from "node:assert/strict";
import { acceptanceTests } from "../../plan/acceptance.ts";
import { type Changes, planOf, problemsOf, rawEnvironment, shown, withChanges } from "../support/configs.ts";

const said = (rack: string, changes: Changes): string[] => {
  const base = rawEnvironment(rack);
  const known = new Set(shown(problemsOf(base)));
  return shown(problemsOf(withChanges(base, changes))).filter((line) => !known.has(line));
};

describe("reserved bandwidth", () => {
  it("is what the document of the data centre adds up to: 25 Gbit/s of each link that is used", () => {
    const reservations = planOf("datacenter").reservations ?? [];
    assert.deepEqual(reservations[0], {
      host: "server01",
      link: "ens1f0np0",
      speedMbps: 25000,
      vlans: [
        { vlan: "clients", mbps: 10000 },
        { vlan: "cluster", mbps: 15000 },
      ],
    });
    // One link of each control plane, both of each worker.
    assert.equal(reservations.length, 3 + 2 * 6);
    for (const { vlans } of reservations)
      assert.equal(
        vlans.reduce((sum, { mbps }) => sum + mbps, 0),
        25000,
      );
  });

  it("may take what a bond's members have together", () => {
    const changes = { "nodes.talos-ms01-01.reservedMbps": { cluster: 20000 } };
    assert.deepEqual(said("ms01", changes), []);
    assert.match(
      said("ms01", { "nodes.talos-ms01-01.reservedMbps": { cluster: 20001 } })[0] ?? "",
      /need 20001 Mbit\/s of bond1 of ms01-01, which has 20000;/,
    );
  });

  it("needs a link of the node", () => {
    assert.deepEqual(said("datacenter", { "nodes.node01.reservedMbps.admin": 100 }), [
      "error nodes.node01.reservedMbps.admin: node01 reserves bandwidth for VLAN admin and has no link for it; add admin to its links  [node-vlan-without-link]",
    ]);
  });

  it("is for machines on the metal", () => {
    assert.match(
      said("homelab", { "nodes.talos-k8s-01.reservedMbps": { workload: 1000 } })[0] ?? "",
      /\[metal-setting-on-vm\]$/,
    );
  });

  it("is measured where no target asks for more, between two nodes the lower one", () => {
    const tests = acceptanceTests(planOf("datacenter")).filter(({ name }) => name.startsWith("reserved for"));
    assert.equal(tests.length, 9);
    const among = (name: string): string =>
      tests.find((test) => test.name.endsWith(name))?.expected ?? assert.fail(name);
    assert.match(among("node03 to a pod with hostNetwork on node04"), /^nine tenths of 10000 Mbit/);
    assert.match(among("node04 to a pod with hostNetwork on node05"), /^nine tenths of 15000 Mbit/);
  });

  it("is nothing where nobody reserves", () => {
    assert.equal(planOf("ms01").reservations, undefined);
  });
});
