import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("firewall", () => {
  const { firewall } = planOf();
  const zone = (name: string, rack = "homelab") =>
    planOf(rack).firewall.zones.find((one) => one.name === name)?.members;

  it("resolves zones to addresses, prefixes and ranges", () => {
    assert.deepEqual(zone("hosts"), ["10.8.16.12", "10.8.16.10", "10.8.16.11"]);
    assert.deepEqual(zone("out-of-band"), ["10.8.16.92", "10.8.16.190", "10.8.16.191"]);
    assert.deepEqual(zone("pods"), ["10.8.28.128/25", "10.8.29.128/25", "10.8.30.128/25"]);
    assert.deepEqual(zone("load-balancer"), ["10.8.31.10-10.8.31.200"]);
    assert.deepEqual(zone("storage"), ["10.8.48.0/24"]);
    assert.deepEqual(zone("any"), []);
  });

  it("counts pods outside their VLAN as part of it", () => {
    assert.deepEqual(zone("workload", "workers"), ["10.8.28.0/22", "10.9.0.0/25", "10.9.0.128/25"]);
  });

  it("keeps the order: the first match wins", () => {
    assert.deepEqual(firewall.rules.map((rule) => rule.name).slice(0, 3), [
      "management-to-storage",
      "workload-to-proxmox-web",
      "workload-to-proxmox-ssh",
    ]);
    assert.equal(firewall.rules[0]?.enabled, false);
  });

  it("says to the hosts what concerns them, and to the cluster what pods may not: neither meets the router", () => {
    assert.deepEqual(
      firewall.hostRules.map((rule) => rule.name),
      ["workload-to-proxmox-web", "workload-to-proxmox-ssh", "storage-stays", "infrastructure-to-all"],
    );
    assert.deepEqual(
      firewall.podEgressDenials.map((rule) => rule.name),
      ["workload-to-proxmox-web", "workload-to-proxmox-ssh", "workload-to-out-of-band"],
    );
  });
});
