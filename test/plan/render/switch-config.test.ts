import assert from "node:assert/strict";
import { renderSwitchConfig } from "../../../plan/render/switch-config.ts";
import { planOf } from "../../support/configs.ts";

describe("page of the switches", () => {
  it("has a script for RouterOS and a table of ports for UniFi", () => {
    const page = renderSwitchConfig(planOf(), "source");
    assert.match(page, /## mikrotik-crs309-k8s-storage \(CRS309-1G-8S\+IN, 10\.0\.1\.82\)\n\n```routeros\n/);
    assert.match(
      page,
      /\| 2 +\| pve-ms01-01 enp87s0 +\| 2\.5 Gbit\/s \| switching \| none +\| infrastructure \(1\), management \(16\), workload \(28\) \|/,
    );
    assert.match(page, /Jumbo frames: not needed here\./);
  });

  it("aggregates the ports of a group on UniFi and wants jumbo frames where a network needs them", () => {
    const page = renderSwitchConfig(
      planOf("ms01", { "vlans.external.mtu": 9000, "switches.main.ports.25.mtu": 9000 }),
      "source",
    );
    assert.match(page, /\| 1 +\| ms01-01 enp87s0 \| 2\.5 Gbit\/s \| aggregate 1, 2 \(LACP\)/);
    assert.match(page, /Jumbo frames: on, for external\./);
  });

  it("says of a switch without ports that there are none", () => {
    assert.match(
      renderSwitchConfig(planOf(), "source"),
      /## usw-flex-2-5g-k8s-main .*\n\nNo port of it is in the description\./,
    );
  });
});
