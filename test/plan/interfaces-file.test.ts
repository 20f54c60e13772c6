import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

const file = (name: string, rack = "homelab") =>
  planOf(rack).hosts.find((host) => host.name === name)?.interfacesFile ?? assert.fail(name);

describe("/etc/network/interfaces", () => {
  it("has what the management path stands on, and leaves the storage bond to the Proxmox API", () => {
    assert.equal(
      file("pve-ms01-01"),
      `auto lo
iface lo inet loopback

auto enp2s0f0np0
iface enp2s0f0np0 inet manual

auto enp2s0f1np1
iface enp2s0f1np1 inet manual

iface enp87s0 inet manual

auto vmbr0
iface vmbr0 inet manual
	bridge-ports enp87s0
	bridge-stp off
	bridge-fd 0
	bridge-vlan-aware yes
	bridge-vids 16 28
	mtu 1500

auto vmbr0.16
iface vmbr0.16 inet static
	address 10.8.16.10/24
	gateway 10.8.16.1
	mtu 1500

source /etc/network/interfaces.d/*
`,
    );
  });

  it("has the bond under the management bridge, without LACP settings where it needs none", () => {
    const text = file("alpha", "other-nics");
    assert.match(
      text,
      /\nauto bond7\niface bond7 inet manual\n\tbond-slaves ens1f0 ens1f1\n\tbond-miimon 100\n\tbond-mode active-backup\n\tmtu 1500\n/,
    );
    assert.ok(text.indexOf("auto bond7") < text.indexOf("auto vmbr9"), "a bridge comes after its port");
    assert.match(text, /\niface ens2 inet manual\n\tmtu 9000\n/, "what stands on a NIC cannot be larger than it");
    assert.match(text, /\niface ens1f0 inet manual\n\n/);
    assert.match(text, /\nauto ens2\.300\niface ens2\.300 inet static\n\taddress 192\.0\.2\.1\/28\n\tmtu 9000\n/);
  });

  it("never sets two default gateways", () => {
    for (const rack of ["homelab", "other-nics", "five-hosts", "one-host"]) {
      for (const host of planOf(rack).hosts)
        assert.equal(host.interfacesFile.split("\tgateway ").length, 2, `${rack} ${host.name}`);
    }
  });
});
