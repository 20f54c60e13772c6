import assert from "node:assert/strict";
import { apiInterfaceNames, apiLinks } from "../../components/host-links.ts";
import type { BondPlan, BridgePlan } from "../../plan/plan.ts";
import { hostPlan } from "../support/host-plan.ts";

const bond: BondPlan = {
  ...{
    host: "pve-a",
    name: "bond0",
    members: ["a", "b"],
    mode: "802.3ad",
    xmitHashPolicy: "layer3+4",
    lacpRate: "fast",
  },
  ...{ mtu: 9000, vlanInterfaces: [] },
};
const vlan = (parent: string, vlanId: number) => ({
  ...{ name: `${parent}.${vlanId}`, parent, vlanId, mtu: 1500, address: "192.0.2.10/24" },
});
const bridge: BridgePlan = {
  ...{ host: "pve-a", name: "vmbr0", ports: ["c"], vlanIds: [16], mtu: 1500, carriesManagement: true },
  vlanInterfaces: [vlan("vmbr0", 16)],
};

describe("apiLinks", () => {
  it("leaves a storage bond to the API and the management bridge to SSH", () => {
    const host = hostPlan({ bonds: [bond], bridges: [bridge] });
    assert.deepEqual(apiLinks(host), { bonds: [bond], bridges: [] });
  });

  it("leaves a bond under the management bridge to SSH", () => {
    const host = hostPlan({ bonds: [bond], bridges: [{ ...bridge, ports: ["bond0"] }] });
    assert.deepEqual(apiLinks(host), { bonds: [], bridges: [] });
  });

  it("leaves a bond with the management address on it to SSH", () => {
    const host = hostPlan({
      managementInterface: "bond0.16",
      bonds: [{ ...bond, vlanInterfaces: [vlan("bond0", 16)] }],
      bridges: [],
    });
    assert.deepEqual(apiLinks(host).bonds, []);
  });

  it("names every interface that the API makes, and none under the management address", () => {
    const second = { ...bridge, name: "vmbr1", carriesManagement: false, vlanInterfaces: [vlan("vmbr1", 28)] };
    const storage = { ...bond, vlanInterfaces: [vlan("bond0", 48)] };
    const host = hostPlan({ bonds: [storage], bridges: [bridge, second] });
    assert.deepEqual(apiInterfaceNames(host), ["bond0", "bond0.48", "vmbr1", "vmbr1.28"]);
  });
});
