import assert from "node:assert/strict";
import { simulationSchema } from "../../config/simulation.ts";

describe("simulationSchema", () => {
  it("takes no time unless told otherwise", () => {
    const settings = { environment: "homelab", rack: "lab" };
    assert.deepEqual(simulationSchema.parse(settings), { ...settings, operator: "192.168.1.10", latencyScale: 0 });
  });

  for (const wrong of [
    { environment: "homelab" },
    { environment: "homelab", rack: "Lab" },
    { environment: "homelab", rack: "lab.example" },
    { environment: "homelab", rack: "lab", latencyScale: -1 },
    { environment: "homelab", rack: "lab", latency: 1 },
  ]) {
    it(`refuses ${JSON.stringify(wrong)}`, () => assert.equal(simulationSchema.safeParse(wrong).success, false));
  }
});
