import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("networks of a node", () => {
  it("are management first, then its pods', then others by id: that names eth0 and eth1", () => {
    const plan = planOf("homelab", {
      "vlans.backup": { id: 2, prefix: "192.0.2.0/24" },
      "nodes.talos-k8s-01.addresses": { backup: "192.0.2.5", workload: "10.8.28.2", management: "10.8.16.20" },
      "hosts.pve-ms01-01.bridges.vmbr0.vlans": ["management", "workload", "backup"],
      "switches.usw-enterprise-8-poe-server.ports.2.tagged": ["management", "workload", "backup"],
    });
    assert.deepEqual(
      plan.nodes[0]?.interfaces.map((link) => [link.name, link.addresses[0]]),
      [
        ["eth0", "10.8.16.20/24"],
        ["eth1", "10.8.28.2/22"],
        ["eth2", "192.0.2.5/24"],
      ],
    );
  });
});
