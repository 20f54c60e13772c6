import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

const shutdownOf = (minutes: number) =>
  planOf("ms01", { "power.ups": { capacityWh: 300, shutdownMinutes: minutes } }).cluster.shutdown;

describe("the shutdown of nodes", () => {
  it("gives pods what the battery allows, less what Talos needs, the last of it to critical pods", () => {
    assert.deepEqual(shutdownOf(10), { graceSeconds: 480, criticalSeconds: 120, systemSeconds: 120 });
    assert.deepEqual(shutdownOf(4), { graceSeconds: 120, criticalSeconds: 30, systemSeconds: 120 });
  });

  it("gives them no more than Talos waits", () => {
    assert.equal(shutdownOf(30)?.graceSeconds, 1200);
  });

  it("is Talos's own without a battery, and Proxmox's business in machines", () => {
    assert.equal(planOf("ms01", { power: { budgetWatts: 400 } }).cluster.shutdown, undefined);
    const power = { budgetWatts: 4000, ups: { capacityWh: 3000, shutdownMinutes: 10 } };
    assert.equal(planOf("homelab", { power }).cluster.shutdown, undefined);
  });
});
