import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { renderNetworkMap } from "../../../plan/render/network-map.ts";
import { fixtures, planOf } from "../../support/configs.ts";

const racks = [
  "homelab",
  "ms01",
  "datacenter",
  ...readdirSync(join(fixtures, "valid")).map((file) => file.replace(/\.yaml$/, "")),
];

describe("network map", () => {
  for (const rack of racks) {
    it(`of ${rack} shows every address, name and cable, and nothing undefined`, () => {
      const plan = planOf(rack);
      const map = renderNetworkMap(plan, "source");
      for (const { address, owner } of plan.addresses) assert.ok(map.includes(address), `${address} of ${owner}`);
      for (const record of plan.dns.records) assert.ok(map.includes(record.fqdn), record.fqdn);
      for (const { host, nic } of plan.switches.flatMap((device) => device.ports)) {
        if (host !== undefined) assert.ok(map.includes(`${host} ${nic}`), `${host} ${nic}`);
      }
      assert.doesNotMatch(map, /undefined|\[object|NaN/);
    });
  }

  it("says what stands in which rack, where that is described", () => {
    const map = renderNetworkMap(planOf("datacenter"), "source");
    assert.match(map, /\| rack-2 \| server04, server05, server06 \| node04 \(worker\), /);
    assert.doesNotMatch(renderNetworkMap(planOf(), "source"), /## Racks/);
  });

  it("shows what is reserved of each link, and what is left", () => {
    const changes = { "nodes.node01.reservedMbps.clients": 5000 };
    const map = renderNetworkMap(planOf("datacenter", changes), "source");
    assert.match(
      map,
      /\| server01 \| ens1f0np0 \| 25 Gbit\/s \| clients 5 Gbit\/s, cluster 15 Gbit\/s +\| 5 Gbit\/s \|/,
    );
    assert.match(map, /\| server04 \| ens1f1np1 \| 25 Gbit\/s \| storage 25 Gbit\/s +\| nothing +\|/);
  });

  it("says what is plugged in besides hosts and switches", () => {
    assert.match(
      renderNetworkMap(planOf("datacenter"), "source"),
      /\| pxe-mgmt +\| 1 +\| node01-bmc +\| 1 Gbit\/s +\| 10 /,
    );
  });

  it("computes the counts that the source document copied wrongly", () => {
    const map = renderNetworkMap(planOf(), "source");
    assert.match(map, /\| 28 +\| workload +\| 10\.8\.28\.0\/22 \| 10\.8\.28\.1 +\| 1500 \| 1022 /);
    assert.match(map, /10\.8\.31\.10-10\.8\.31\.200, 191 addresses/);
    assert.match(map, /4 of them are planned, 187 are left\. They are announced on eth1 of the nodes\./);
  });

  it("follows a packet from the NICs over bond and VLAN to the switch", () => {
    assert.match(
      renderNetworkMap(planOf(), "source"),
      /pve-ms01-01 +enp2s0f0np0 \+ enp2s0f1np1 > bond0: 9000 > bond0\.48: 9000 > mikrotik-crs309-k8s-storage sfp-sfpplus1: 9000 and mikrotik-crs309-k8s-storage sfp-sfpplus2: 9000/,
    );
  });

  it("draws each bond as one line and gives every shape a name of its own", () => {
    const [, cables = ""] = renderNetworkMap(planOf(), "source").split("## Cables");
    assert.match(
      cables,
      /switch_mikrotik_crs309_k8s_storage -- "2 × 10 Gbit\/s LACP<br\/>VLAN 48<br\/>enp2s0f0np0, enp2s0f1np1" --- host_pve_ms01_01/,
    );
    const shapes = [...cables.matchAll(/^ {2}(\w+)[[(]/gm)].map((match) => match[1]);
    assert.deepEqual(shapes, [...new Set(shapes)]);
  });

  it("draws the USB4 ring", () => {
    assert.match(renderNetworkMap(planOf("ms01"), "source"), /host_ms01_01 == "USB4 a to b" === host_ms01_02/);
  });
});
