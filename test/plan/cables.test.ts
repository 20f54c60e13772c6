import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("switches in the plan", () => {
  const plan = planOf();

  it("have their ports in the order people count them, with VLAN ids for names", () => {
    const changes = {
      "switches.usw-enterprise-8-poe-server.ports.10": {
        speedMbps: 10_000,
        uplink: "udm-pro",
        tagged: "all",
        native: "infrastructure",
      },
    };
    const device = planOf("homelab", changes).switches.find((one) => one.name.startsWith("usw-enterprise"));
    assert.deepEqual(
      device?.ports.map((port) => port.port),
      ["1", "2", "3", "4", "10"],
    );
    assert.deepEqual(device?.ports[0]?.taggedVlanIds, [16, 28]);
    assert.deepEqual([device?.ports[4]?.nativeVlanId, device?.ports[4]?.taggedVlanIds], [1, [16, 28, 48]]);
  });

  it("forward what the switch forwards, unless a port says otherwise", () => {
    const [mikrotik] = plan.switches;
    assert.deepEqual([...new Set(mikrotik?.ports.map((port) => port.mtu))], [9000]);
    const lower = planOf("homelab", { "switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus7.mtu": 1500 });
    assert.equal(lower.switches[0]?.ports.at(-1)?.mtu, 1500);
  });
});
