import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("Ceph", () => {
  it("has its monitors on their hosts' storage addresses, and an OSD a disk", () => {
    const { ceph } = planOf();
    assert.deepEqual(ceph?.monitors, [
      { host: "pve-aimax-01", address: "10.8.48.12" },
      { host: "pve-ms01-01", address: "10.8.48.10" },
      { host: "pve-ms01-02", address: "10.8.48.11" },
    ]);
    assert.deepEqual(
      ceph?.osds.map(({ host, device }) => [host, device]),
      [
        ["pve-aimax-01", "/dev/disk/by-id/nvme-aimax-01-osd0"],
        ["pve-ms01-01", "/dev/disk/by-id/nvme-ms01-01-osd0"],
        ["pve-ms01-02", "/dev/disk/by-id/nvme-ms01-02-osd0"],
      ],
    );
    assert.equal(ceph?.publicPrefix, "10.8.48.0/24");
  });

  it("replicates over its public network unless another one is named, the USB4 ring or a VLAN", () => {
    assert.equal(planOf().ceph?.clusterPrefix, "10.8.48.0/24");
    assert.equal(planOf("homelab-ring").ceph?.clusterPrefix, "10.8.49.0/24");
    assert.equal(planOf("homelab", { "ceph.clusterNetwork": "management" }).ceph?.clusterPrefix, "10.8.16.0/24");
  });

  it("is not there when nobody asks for it", () => assert.equal(planOf("no-ceph").ceph, undefined));
});
