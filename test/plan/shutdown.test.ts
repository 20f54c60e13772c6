import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

const shutdownOf = (minutes: number) =>
  planOf("ms01", { "power.ups": { capacityWh: 300, shutdownMinutes: minutes } }).cluster.shutdown;

describe("the shutdown of nodes", () => {
  it("gives pods what the battery allows, less what Talos needs, the last of it to critical pods", () => {
    assert.deepEqual(shutdownOf(10), { graceSeconds: 480, criticalSeconds: 120, systemSeconds: 120, hostSeconds: 0 });
    assert.deepEqual(shutdownOf(4), { graceSeconds: 120, criticalSeconds: 30, systemSeconds: 120, hostSeconds: 0 });
  });

  it("gives them no more than Talos waits", () => {
    assert.equal(shutdownOf(30)?.graceSeconds, 1200);
  });

  it("is Talos's own without a battery", () => {
    assert.equal(planOf("ms01", { power: { budgetWatts: 400 } }).cluster.shutdown, undefined);
  });

  it("leaves time to the host beneath a machine, and Proxmox takes no machine's power before its pods had theirs", () => {
    const homelab = (minutes: number) =>
      planOf("homelab", { power: { budgetWatts: 4000, ups: { capacityWh: 3000, shutdownMinutes: minutes } } });
    const times = { graceSeconds: 360, criticalSeconds: 90, systemSeconds: 120, hostSeconds: 120 };
    assert.deepEqual(homelab(10).cluster.shutdown, times);
    assert.deepEqual(
      [homelab(10), planOf("homelab")].map(({ nodes }) => nodes[0]?.vm?.stopSeconds),
      [480, 150],
    );
    assert.throws(
      () => homelab(4),
      /4 minutes leave pods no time to end: Talos and the host beneath it need 4 of them; allow 4\.5 or more/,
    );
  });
});
