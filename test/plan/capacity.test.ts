import assert from "node:assert/strict";
import { planned, planOf, rawEnvironment, shown, withChanges } from "../support/configs.ts";

describe("power", () => {
  it("is the sum over the hosts, and how long the UPS carries it", () => {
    assert.deepEqual(planOf("ms01").power, { idleWatts: 84, maxWatts: 345, budgetWatts: 400, upsMinutes: 52 });
  });

  it("is not computed without a budget", () => assert.equal(planOf().power, undefined));
});

describe("throughput targets", () => {
  const missed = (rack: string, changes: Readonly<Record<string, unknown>>): string[] =>
    shown(planned(withChanges(rawEnvironment(rack), changes)).problems).filter((line) =>
      line.includes("throughput-target-missed"),
    );

  it("add up the members of an LACP bond, and take the slowest of an active-backup one", () => {
    const target = (mbps: number) => ({ targets: { throughput: { front: { vlan: "mgmt", mbps } } } });
    assert.deepEqual(missed("other-nics", target(10_000)), []);
    assert.deepEqual(missed("other-nics", target(20_000)).length, 2);
    assert.deepEqual(missed("homelab", { "targets.throughput.storage.mbps": 20_000 }), []);
  });

  it("know the links of a node on the metal", () => {
    const target = (mbps: number) => ({ targets: { throughput: { cluster: { vlan: "cluster", mbps } } } });
    assert.deepEqual(missed("ms01", target(20_000)), []);
    assert.equal(missed("ms01", target(20_001)).length, 3);
  });
});
