import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("names", () => {
  it("exist for hosts, management controllers, nodes, services and the API, sorted", () => {
    const { records } = planOf().dns;
    assert.deepEqual(
      records.map((record) => record.name),
      [...records.map((record) => record.name)].sort(),
    );
    assert.deepEqual(
      new Set(records.map((record) => record.kind)),
      new Set(["host", "node", "api", "service", "device"]),
    );
  });

  it("may be added for whatever has an address", () => {
    const { records } = planOf("homelab", { "dns.records": { www: "10.8.31.10", storage: "10.8.48.10" } }).dns;
    assert.deepEqual(
      records.filter((record) => ["www", "storage"].includes(record.name)).map((record) => record.address),
      ["10.8.48.10", "10.8.31.10"],
    );
  });

  it("lead the API to the shared address where there is one", () => {
    assert.equal(planOf("vip").dns.records.find((record) => record.kind === "api")?.address, "10.8.16.19");
  });
});
