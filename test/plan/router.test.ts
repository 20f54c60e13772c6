import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("the router", () => {
  it("has an address on every routed network and none on others", () => {
    assert.deepEqual(planOf().router.interfaces, [
      { vlan: "infrastructure", vlanId: 1, address: "10.0.1.1/24" },
      { vlan: "management", vlanId: 16, address: "10.8.16.1/24" },
      { vlan: "workload", vlanId: 28, address: "10.8.28.1/22" },
    ]);
  });

  it("needs no route to pods whose network it does not route", () =>
    assert.deepEqual(planOf("ms01").router.staticRoutes, []));

  it("masquerades pods outside of any VLAN, too", () => {
    assert.deepEqual(planOf("workers").router.masquerade.slice(-2), ["10.9.0.0/25", "10.9.0.128/25"]);
  });
});
