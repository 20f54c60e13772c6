import assert from "node:assert/strict";
import { type Changes, planOf, problemsOf, rawEnvironment, withChanges } from "../support/configs.ts";

const zones = (rack: string, changes: Changes = {}): (string | undefined)[] =>
  planOf(rack, changes).nodes.map(({ labels }) => labels["topology.kubernetes.io/zone"]);
const codes = (rack: string, changes: Changes): string[] =>
  problemsOf(withChanges(rawEnvironment(rack), changes)).map(({ code }) => code);

describe("the zone of a node", () => {
  it("is its rack", () => {
    const [one, two, three] = ["rack-1", "rack-2", "rack-3"];
    assert.deepEqual(zones("datacenter"), [one, one, one, two, two, two, three, three, three]);
  });

  it("is its host where nothing is said of racks", () => {
    assert.deepEqual(zones("ms01"), ["ms01-01", "ms01-02", "ms01-03"]);
  });

  it("is what its labels say, whatever the rack", () => {
    const labels = { "nodes.node09.labels": { "topology.kubernetes.io/zone": "annex" } };
    assert.equal(zones("datacenter", labels)[8], "annex");
  });
});

describe("control planes in racks", () => {
  it("may be in one where fewer than half of them are", () => {
    const apart = { "hosts.server02.rack": "rack-2", "hosts.server03.rack": "rack-3" };
    assert.ok(codes("datacenter", {}).includes("control-planes-one-rack"));
    assert.ok(!codes("datacenter", apart).includes("control-planes-one-rack"));
  });

  it("are not asked for where there is one only", () => {
    const changes = { "hosts.pve.rack": "rack-1" };
    assert.ok(!codes("one-host", changes).includes("control-planes-one-rack"));
  });
});
