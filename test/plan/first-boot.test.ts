import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("first boot on the metal", () => {
  it("asks for a lease on the tagged VLAN over the bond: the ports are tagged and in a group", () => {
    const [bond, ...rest] = planOf("ms01").image.bootKernelArgs;
    assert.match(bond ?? "", /^bond=bond0:enp87s0,enp90s0:mode=802\.3ad,/);
    assert.deepEqual(rest, ["vlan=bond0.20:bond0", "ip=bond0.20:dhcp"]);
  });

  it("needs only the VLAN where there is no bond", () => {
    assert.deepEqual(planOf("four-in-a-ring").image.bootKernelArgs, ["vlan=enp87s0.10:enp87s0", "ip=enp87s0.10:dhcp"]);
  });

  it("gets the very address that the node keeps", () => {
    assert.deepEqual(
      planOf("ms01").router.leases.map(({ name, address }) => [name, address]),
      planOf("ms01").nodes.map((node) => [node.name, node.managementAddress]),
    );
  });

  it("needs neither for machines, which get their address from Proxmox", () => {
    assert.deepEqual(planOf().router.leases, []);
    assert.deepEqual(planOf().image.bootKernelArgs, []);
  });
});
