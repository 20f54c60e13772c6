import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("first boots by AMT", () => {
  it("are of the machines that opted in, by the port that their AMT has", () => {
    assert.deepEqual(planOf("metal-amt").amtFirstBoots, [
      { host: "ms01-01", node: "talos-ms01-01", url: "https://10.8.21.31:16993/wsman", fromNetwork: false },
      { host: "ms01-02", node: "talos-ms01-02", url: "http://10.8.21.32:16992/wsman", fromNetwork: true },
    ]);
  });

  it("are nobody's where the description does not ask for them", () => {
    for (const rack of ["homelab", "ms01"]) assert.deepEqual(planOf(rack).amtFirstBoots, []);
  });
});

describe("a management controller", () => {
  it("is shown with its name, address and kind, and takes TLS for granted", () => {
    const { outOfBand } = planOf("homelab").hosts.find(({ name }) => name === "pve-ms01-01") ?? {};
    assert.deepEqual(outOfBand, { kind: "vpro", name: "pve-ms01-01-vpro", address: "10.8.16.190", tls: true });
  });
});
