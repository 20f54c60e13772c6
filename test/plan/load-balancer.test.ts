import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("load balancer", () => {
  it("announces on the interface that the nodes have in its network", () => {
    assert.equal(planOf().loadBalancer.interface, "eth1");
    assert.equal(planOf("one-host").loadBalancer.interface, "eth0");
    assert.equal(planOf("ms01").loadBalancer.interface, "bond0.20");
  });

  it("counts every address of every pool: .10 to .200 are 191, not 190", () => {
    const { pools, available } = planOf().loadBalancer;
    assert.deepEqual(pools, [{ name: "default", range: "10.8.31.10-10.8.31.200", size: 191, autoAssign: true }]);
    assert.equal(available, 187);
    assert.deepEqual(
      planOf("other-nics").loadBalancer.pools.map((pool) => [pool.name, pool.size, pool.autoAssign]),
      [
        ["default", 51, true],
        ["spare", 10, false],
      ],
    );
  });

  it("gives each service its name in the zone", () => {
    const { services } = planOf("homelab", { "loadBalancer.services.grafana.hostname": "graphs" }).loadBalancer;
    assert.deepEqual(
      services.map((service) => service.fqdn),
      ["dashboard.lab.local", "graphs.lab.local", "prometheus.lab.local", "traefik.lab.local"],
    );
  });
});
