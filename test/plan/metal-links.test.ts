import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("interfaces of a node on the metal", () => {
  const interfaces = planOf("ms01").nodes[0]?.interfaces ?? [];

  it("come parents first: NICs by permanent address, bonds, VLANs on them, the ring", () => {
    assert.deepEqual(
      interfaces.map((link) => `${link.kind} ${link.name}`),
      [
        "ethernet enp87s0",
        "ethernet enp90s0",
        "ethernet enp2s0f0np0",
        "ethernet enp2s0f1np1",
        "bond bond0",
        "bond bond1",
        "vlan bond0.20",
        "vlan bond1.24",
        "usb4 tb0",
        "usb4 tb1",
        "dummy ring0",
      ],
    );
    assert.deepEqual(interfaces[0], {
      kind: "ethernet",
      name: "enp87s0",
      mtu: 1500,
      addresses: [],
      routes: [],
      mac: "58:47:ca:00:01:01",
    });
  });

  it("are told what nothing is on, but for a port that the management controller shares", () => {
    const idle = (changes = {}) =>
      planOf("datacenter", changes).nodes[0]?.interfaces.find((link) => link.name === "eno1") ?? assert.fail();
    const mac = "3c:ec:ef:00:01:00";
    const bare = { kind: "ethernet", name: "eno1", mtu: 1500, addresses: [], routes: [], mac };
    assert.deepEqual(idle(), { ...bare, isIdle: true });
    assert.deepEqual(idle({ "hosts.server01.outOfBand.sharedNic": "eno1" }), bare);
  });

  it("have the MTU of the VLANs on them", () => {
    assert.deepEqual(
      interfaces.filter((link) => link.kind === "bond").map((link) => [link.name, link.mtu]),
      [
        ["bond0", 1500],
        ["bond1", 9000],
      ],
    );
  });

  it("have the default route on the external network and none on the cluster's, which is not routed", () => {
    assert.deepEqual(
      interfaces.filter((link) => link.kind === "vlan").map((link) => [link.name, link.addresses, link.routes]),
      [
        ["bond0.20", ["10.8.20.11/24"], [{ gateway: "10.8.20.1" }]],
        ["bond1.24", ["10.8.24.2/22"], []],
      ],
    );
  });
});
