import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { calendar, jumpTo, shiftCalendar, simulatedNow, waitLimitMs } from "../../lab/rack/clock.ts";
import { type FurnishedRack, furnishedRack } from "./furnished-rack.ts";

describe("the rack's clock", () => {
  let world: FurnishedRack;
  beforeEach(() => {
    world = furnishedRack();
  });
  afterEach(() => world.close());

  it("stands still at scale 0 until somebody waits, and never goes back", () => {
    const { rack } = world;
    const start = simulatedNow(rack);
    jumpTo(rack, start + 5_000);
    assert.equal(simulatedNow(rack), start + 5_000);
    jumpTo(rack, start);
    assert.equal(simulatedNow(rack), start + 5_000);
  });

  it("runs faster than real time at a small scale, and cannot be jumped", async () => {
    const { rack } = world;
    rack.settings = { latencyScale: 0.001, patienceMs: 100 };
    const start = simulatedNow(rack);
    jumpTo(rack, start + 1e9);
    await sleep(20);
    const passed = simulatedNow(rack) - start;
    assert.ok(passed >= 15_000 && passed < 1e9, `${passed} ms of the rack passed in 20 ms`);
  });

  it("goes on from where it stood when the scale changes", () => {
    const { rack } = world;
    jumpTo(rack, 60_000);
    rack.settings = { latencyScale: 1, patienceMs: 100 };
    assert.ok(simulatedNow(rack) >= 60_000 && simulatedNow(rack) < 61_000);
  });

  it("turns the calendar on its own", () => {
    const before = calendar(world.rack).getTime();
    shiftCalendar(world.rack, 366);
    assert.ok(Math.abs(calendar(world.rack).getTime() - before - 366 * 86_400_000) < 10_000);
  });

  it("bounds every wait by its timeout, and by a patience that outlasts an installation", () => {
    const { rack } = world;
    rack.settings = { latencyScale: 0, patienceMs: 70 };
    assert.equal(waitLimitMs(rack, 600), 70);
    rack.settings = { latencyScale: 1, patienceMs: 70 };
    assert.equal(waitLimitMs(rack, 600), 120_000);
    assert.equal(waitLimitMs(rack, 10), 10_000);
  });
});
