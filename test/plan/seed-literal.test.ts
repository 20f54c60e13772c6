// The documents that the racks come from, typed in as they stand: their contradictions are diagnostics, not half-built clusters.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { fixtures, problemsOf, rawEnvironment, shown, withChanges } from "../support/configs.ts";

const literal = parse(readFileSync(join(fixtures, "seed-literal.yaml"), "utf8"));

describe("Proxmox Homelab Network Architecture, literally", () => {
  it("is refused with each of its contradictions", () => {
    assert.deepEqual(shown(problemsOf(literal)), [
      "error hosts.pve-aimax-01.addresses.management.link: eno1 is a member of vmbr0; an address goes on vmbr0, not on its member  [address-on-member]",
      "error hosts.pve-ms01-01.addresses.management.link: enp87s0 is a member of vmbr0; an address goes on vmbr0, not on its member  [address-on-member]",
      "error hosts.pve-ms01-02.addresses.management.link: enp87s0 is a member of vmbr0; an address goes on vmbr0, not on its member  [address-on-member]",
      "error nodes.talos-k8s-01.addresses.workload: 10.8.28.1 of talos-k8s-01 is also the address of the router (gateway of VLAN workload) (vlans.workload.gateway); give one of them another  [address-owned-twice]",
      "error nodes.talos-k8s-01.podPrefix: 10.8.28.0/24 contains 10.8.28.1 of the router (gateway of VLAN workload) (vlans.workload.gateway); a pod could get it too, use a part of the VLAN where nothing else lives  [pod-prefix-holds-address]",
      "error nodes.talos-k8s-02.podPrefix: 10.8.29.0/24 contains 10.8.29.1 of talos-k8s-02 (nodes.talos-k8s-02.addresses.workload); a pod could get it too, use a part of the VLAN where nothing else lives  [pod-prefix-holds-address]",
      "error nodes.talos-k8s-03.podPrefix: 10.8.30.0/24 contains 10.8.30.1 of talos-k8s-03 (nodes.talos-k8s-03.addresses.workload); a pod could get it too, use a part of the VLAN where nothing else lives  [pod-prefix-holds-address]",
      "error switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus1.lag: pve-ms01-01 bonds enp2s0f0np0 with LACP but port sfp-sfpplus1 is in no group; add lag: to it  [lacp-only-on-host]",
      "error switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus2.lag: pve-ms01-01 bonds enp2s0f1np1 with LACP but port sfp-sfpplus2 is in no group; add lag: to it  [lacp-only-on-host]",
      "error switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus3.lag: pve-ms01-02 bonds enp2s0f0np0 with LACP but port sfp-sfpplus3 is in no group; add lag: to it  [lacp-only-on-host]",
      "error switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus4.lag: pve-ms01-02 bonds enp2s0f1np1 with LACP but port sfp-sfpplus4 is in no group; add lag: to it  [lacp-only-on-host]",
      "error switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus5.lag: pve-aimax-01 bonds enp1s0f0 with LACP but port sfp-sfpplus5 is in no group; add lag: to it  [lacp-only-on-host]",
      "error switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus6.lag: pve-aimax-01 bonds enp1s0f1 with LACP but port sfp-sfpplus6 is in no group; add lag: to it  [lacp-only-on-host]",
      "warning cluster.endpoint: the API is reached by talos-k8s-01 only: when it is down nobody gets in although 3 could answer; use { mode: vip, address: … }  [endpoint-single-point]",
      'warning dns.servers: 1.1.1.1, 8.8.8.8 cannot know lab.local: a resolver that asks any of them gets "no such name" for local names; list local servers only  [dns-servers-mixed]',
      "warning vlans.storage.gateway: Ceph's VLAN storage has a gateway, so only the router's rules keep others out of it; all its hosts are on it, leave the gateway out  [ceph-vlan-routed]",
      "note dns.zone: lab.local ends in .local, which is multicast DNS (RFC 6762): some systems never ask a server for it; home.arpa (RFC 8375) is free of that  [zone-is-mdns]",
      "note firewall.rules[6]: workload-to-management-rest also lets workload reach every port of the hosts that no rule before it denies; on the hosts themselves their own firewall stops that, on the router nothing does  [rule-opens-hosts]",
      "note switches.mikrotik-crs309-k8s-storage: every host reaches storage by mikrotik-crs309-k8s-storage alone: when it fails, all of them lose that network at once, whatever bonds there are; active-backup bonds over two switches survive it  [switch-single-point]",
      "note switches.usw-enterprise-8-poe-server: every host reaches management and workload by usw-enterprise-8-poe-server alone: when it fails, all of them lose that network at once, whatever bonds there are; active-backup bonds over two switches survive it  [switch-single-point]",
      "note switches.usw-enterprise-8-poe-server.ports.2.tagged: port 2 also carries infrastructure, which pve-ms01-01 does not use on enp87s0  [vlan-unused-on-port]",
      "note switches.usw-enterprise-8-poe-server.ports.3.tagged: port 3 also carries infrastructure, which pve-ms01-02 does not use on enp87s0  [vlan-unused-on-port]",
      "note switches.usw-enterprise-8-poe-server.ports.4.tagged: port 4 also carries infrastructure, which pve-aimax-01 does not use on eno1  [vlan-unused-on-port]",
    ]);
  });

  it("has a fourth /24 for pods that the load balancer's range lies in", () => {
    const fourth = withChanges(literal, {
      "nodes.talos-k8s-04": {
        host: "pve-aimax-01",
        role: "worker",
        vm: { id: 8004, cores: 8, memoryGiB: 32, diskGiB: 100 },
        addresses: { management: "10.8.16.23", workload: "10.8.31.1" },
        podPrefix: "10.8.31.0/24",
      },
    });
    const known = new Set(shown(problemsOf(literal)));
    assert.deepEqual(
      shown(problemsOf(fourth)).filter((line) => !known.has(line)),
      [
        "error loadBalancer.pools.default: 10.8.31.10-10.8.31.200 overlaps the pods of talos-k8s-04 (10.8.31.0/24); a pod and a service would get one address  [pool-overlaps-pods]",
        "error nodes.talos-k8s-04.addresses.workload: 10.8.31.1 of talos-k8s-04 lies in the reserved range 10.8.31.1-10.8.31.9; choose another or shrink the range  [address-reserved]",
        "error nodes.talos-k8s-04.podPrefix: 10.8.31.0/24 contains 10.8.31.1 of talos-k8s-04 (nodes.talos-k8s-04.addresses.workload); a pod could get it too, use a part of the VLAN where nothing else lives  [pod-prefix-holds-address]",
        "error nodes.talos-k8s-04.podPrefix: 10.8.31.0/24 overlaps the reserved range 10.8.31.1-10.8.31.9 (vlans.workload.ranges[0]); choose another or shrink the range  [pod-prefix-reserved]",
        "error nodes.talos-k8s-04.podPrefix: 10.8.31.0/24 overlaps the reserved range 10.8.31.201-10.8.31.254 (vlans.workload.ranges[1]); choose another or shrink the range  [pod-prefix-reserved]",
      ],
    );
  });
});

describe("Network Topology Diagram, literally", () => {
  const errors = (changes: Readonly<Record<string, unknown>>): string[] => {
    const base = rawEnvironment();
    const known = new Set(shown(problemsOf(base)));
    return shown(problemsOf(withChanges(base, changes))).filter((line) => !known.has(line));
  };

  it("has networks that are no IPv4: the VLAN ids 300 and 400 in the third octet", () => {
    assert.deepEqual(
      errors({
        "vlans.client": { id: 300, prefix: "10.0.300.0/24", gateway: "10.0.300.1" },
        "vlans.iscsi": { id: 400, prefix: "10.0.400.0/24", gateway: "10.0.400.1" },
      }),
      [
        'error vlans.client.gateway: "10.0.300.1" is not an IPv4 address: 300 is more than 255; a VLAN id may be 300 but an octet may not: use e.g. 10.0.30.1  [address-invalid]',
        'error vlans.client.prefix: "10.0.300.0" is not an IPv4 address: 300 is more than 255; a VLAN id may be 300 but an octet may not: use e.g. 10.0.30.0  [prefix-invalid]',
        'error vlans.iscsi.gateway: "10.0.400.1" is not an IPv4 address: 400 is more than 255; a VLAN id may be 400 but an octet may not: use e.g. 10.0.40.1  [address-invalid]',
        'error vlans.iscsi.prefix: "10.0.400.0" is not an IPv4 address: 400 is more than 255; a VLAN id may be 400 but an octet may not: use e.g. 10.0.40.0  [prefix-invalid]',
      ],
    );
  });

  it("has them accepted with 30 and 40 there, the VLAN ids kept", () => {
    assert.deepEqual(
      errors({
        "vlans.client": { id: 300, prefix: "10.0.30.0/24", gateway: "10.0.30.1" },
        "vlans.iscsi": { id: 400, prefix: "10.0.40.0/24", gateway: "10.0.40.1" },
      }),
      [],
    );
  });

  it("has a load balancer whose range begins with the address of its first node", () => {
    assert.deepEqual(
      errors({
        "vlans.client": {
          id: 300,
          prefix: "10.0.30.0/24",
          devices: { node01: "10.0.30.10" },
        },
        "roles.loadBalancer": "client",
        "loadBalancer.pools.default": { from: "10.0.30.10", to: "10.0.30.19" },
        "loadBalancer.services": {},
      }).filter((line) => line.includes("loadBalancer.")),
      [
        "error loadBalancer.pools.default: 10.0.30.10-10.0.30.19 contains 10.0.30.10 of node01 (vlans.client.devices.node01); the pool could give it out again, move one of them  [pool-holds-address]",
      ],
    );
  });
});
