import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

const host = (name: string, rack = "homelab", changes = {}) =>
  planOf(rack, changes).hosts.find((one) => one.name === name) ?? assert.fail(name);

describe("a host", () => {
  it("has a bond as wide as the network on it needs, its members sorted as Proxmox sorts them", () => {
    const [bond] = host("alpha", "other-nics").bonds;
    assert.deepEqual([bond?.members, bond?.mode, bond?.mtu], [["ens1f0", "ens1f1"], "active-backup", 1500]);
    assert.equal(host("pve-ms01-01").bonds[0]?.mtu, 9000);
  });

  it("has a bridge that carries the management address, and says so", () => {
    const { bridges, managementInterface, managementAddress } = host("pve-ms01-01");
    assert.deepEqual([bridges[0]?.vlanIds, bridges[0]?.carriesManagement], [[16, 28], true]);
    assert.deepEqual([managementInterface, managementAddress], ["vmbr0.16", "10.8.16.10"]);
  });

  it("may have an address directly on a NIC", () => {
    assert.deepEqual(host("alpha", "other-nics").nicInterfaces, [
      { name: "ens2.300", parent: "ens2", vlanId: 300, mtu: 9000, address: "192.0.2.1/28" },
    ]);
  });

  it("takes a bond's own MTU over that of its networks", () => {
    const changes = { "hosts.pve-ms01-01.bonds.bond0.mtu": 9000, "vlans.storage.mtu": 8000 };
    const [bond] = host("pve-ms01-01", "homelab", changes).bonds;
    assert.deepEqual([bond?.mtu, bond?.vlanInterfaces[0]?.mtu], [9000, 8000]);
  });
});

describe("the Proxmox cluster", () => {
  it("starts at the first host by name and has a link on every network that all hosts share", () => {
    const cluster = planOf("five-hosts").proxmoxCluster;
    assert.deepEqual([cluster?.name, cluster?.first], ["homelab", "pve-aimax-01"]);
    assert.deepEqual(cluster?.members[3], { host: "pve-ms01-03", links: ["10.8.16.13", "10.8.48.13"] });
  });

  it("moves machines over the named network, else over Ceph's, which is the fastest, where all hosts are on it", () => {
    const prefix = (rack: string, changes = {}) => planOf(rack, changes).proxmoxCluster?.migrationPrefix;
    assert.equal(prefix("homelab"), "10.8.48.0/24");
    assert.equal(prefix("homelab-ring"), "10.8.49.0/24");
    assert.equal(prefix("homelab", { "roles.migration": "management" }), "10.8.16.0/24");
    assert.equal(prefix("no-ceph"), undefined);
    const apart = {
      "hosts.pve-ms01-02.disks.osd0": null,
      "hosts.pve-ms01-02.addresses.storage": null,
      "ceph.monitors": ["pve-aimax-01"],
      "ceph.pool": { size: 2, minSize: 1 },
      "targets.throughput": {},
      "firewall.zones": {},
    };
    assert.equal(prefix("homelab", apart), undefined);
  });

  it("is not there on the metal", () => assert.equal(planOf("ms01").proxmoxCluster, undefined));
});
