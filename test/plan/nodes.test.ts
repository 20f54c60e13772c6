import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("the machine of a node", () => {
  const vm = planOf().nodes[0]?.vm;

  it("has eth0 on management, eth1 on the workload VLAN, and its default route by eth0", () => {
    assert.deepEqual(
      vm?.nics.map(({ name, bridge, vlanId, mtu, address, gateway }) => ({
        name,
        bridge,
        vlanId,
        mtu,
        address,
        gateway,
      })),
      [
        { name: "eth0", bridge: "vmbr0", vlanId: 16, mtu: 1500, address: "10.8.16.20/24", gateway: "10.8.16.1" },
        { name: "eth1", bridge: "vmbr0", vlanId: 28, mtu: 1500, address: "10.8.28.2/22", gateway: undefined },
      ],
    );
  });

  it("has its size in the units of the provider", () => {
    assert.deepEqual([vm?.cores, vm?.memoryMiB, vm?.diskGiB, vm?.datastore], [8, 32_768, 100, "local-lvm"]);
  });

  it("has sorted tags, since Proxmox sorts them", () => {
    assert.deepEqual(vm?.tags, ["controlplane", "homelab", "talos"]);
  });

  it("keeps its MACs when other nodes come and go", () => {
    const macs = (name: string) =>
      planOf(name)
        .nodes.find((node) => node.name === "talos-k8s-02")
        ?.vm?.nics.map((nic) => nic.mac);
    assert.deepEqual(macs("workers"), macs("homelab"));
    assert.deepEqual(macs("five-hosts"), macs("homelab"));
  });
});

describe("a node", () => {
  it("is in the zone of its host, unless its labels say otherwise", () => {
    assert.deepEqual(planOf("workers").nodes.find((node) => node.role === "worker")?.labels, {
      tier: "batch",
      "topology.kubernetes.io/zone": "pve-ms01-01",
    });
    const labels = { "topology.kubernetes.io/zone": "rack-1" };
    assert.deepEqual(planOf("homelab", { "nodes.talos-k8s-01.labels": labels }).nodes[0]?.labels, labels);
  });

  it("is installed on /dev/sda in a machine and on the named disk on the metal", () => {
    assert.equal(planOf().nodes[0]?.installDisk, "/dev/sda");
    assert.equal(planOf("ms01").nodes[0]?.installDisk, "/dev/disk/by-id/nvme-ms01-01-system");
  });
});
