import assert from "node:assert/strict";
import { createChartRelease } from "../../components/chart-release.ts";
import { recordResources } from "../support/record-resources.ts";

const chart = { chart: "web", repository: "https://charts.example.test", version: "1.2.3" };

describe("createChartRelease", () => {
  it("pins chart and name, waits ten minutes at most and takes back what fails", async () => {
    const recording = await recordResources(() => {
      createChartRelease("web-release", { chart, releaseName: "web", namespace: "apps", values: { a: 1 } }, {});
    });
    const { compat: _, ...inputs } = recording.named("web-release").inputs;
    assert.deepEqual(inputs, {
      name: "web",
      chart: "web",
      version: "1.2.3",
      repositoryOpts: { repo: "https://charts.example.test" },
      namespace: "apps",
      values: { a: 1 },
      allowNullValues: true,
      atomic: true,
      timeout: 600,
    });
  });
});
