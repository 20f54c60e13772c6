import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("the cluster", () => {
  it("is reached by one control plane or by a shared address, and its certificate carries every address", () => {
    const direct = planOf().cluster;
    assert.deepEqual(
      [direct.endpoint, direct.bootstrapNode, direct.vip],
      ["https://10.8.16.20:6443", "talos-k8s-01", undefined],
    );
    const shared = planOf("vip").cluster;
    assert.deepEqual(
      [shared.endpoint, shared.vip, shared.vipInterface],
      ["https://10.8.16.19:6443", "10.8.16.19", "eth0"],
    );
    for (const san of ["10.8.16.19", "10.8.16.20", "10.8.28.2", "k8s-api.home.arpa", "talos-k8s-03.home.arpa"]) {
      assert.ok(shared.certSans.includes(san), san);
    }
  });

  it("keeps etcd on the management network and nodes on the workload's", () => {
    const { etcdPrefix, nodePrefix } = planOf().cluster;
    assert.deepEqual([etcdPrefix, nodePrefix], ["10.8.16.0/24", "10.8.28.0/22"]);
  });

  it("loads the modules that DRBD and USB4 need, only where they are used", () => {
    const names = (rack: string) => planOf(rack).cluster.kernelModules.map((module) => module.name);
    assert.deepEqual(names("homelab"), []);
    assert.deepEqual(names("metal-without-ring"), ["drbd", "drbd_transport_tcp"]);
    assert.deepEqual(names("ms01"), ["drbd", "drbd_transport_tcp", "thunderbolt", "thunderbolt_net"]);
  });
});

describe("the image", () => {
  it("is nocloud with the guest agent in machines, which keeps eth0 and eth1", () => {
    const { platform, extensions } = planOf().image;
    assert.deepEqual([platform, extensions], ["nocloud", ["siderolabs/qemu-guest-agent"]]);
  });

  it("has what the metal uses", () => {
    const { platform, extensions, extraKernelArgs } = planOf("ms01").image;
    assert.equal(platform, "metal");
    assert.deepEqual(extensions, ["siderolabs/drbd", "siderolabs/intel-ucode", "siderolabs/thunderbolt"]);
    assert.ok(extraKernelArgs.includes("thunderbolt.host_reset=0"));
  });
});

describe("Cilium", () => {
  it("routes natively over everything that pods and nodes live in, without hiding pods where they are routed", () => {
    const { nativeRoutingPrefix, devices, directRoutingDevice, masquerade } = planOf().cilium;
    assert.deepEqual(
      [nativeRoutingPrefix, devices, directRoutingDevice, masquerade],
      ["10.8.28.0/22", ["eth0", "eth1"], "eth1", false],
    );
  });

  it("hides pods behind their node where their network is not routed", () =>
    assert.equal(planOf("ms01").cilium.masquerade, true));
});
