import assert from "node:assert/strict";
import { analyseFailures, type Outcome, singlePoints } from "../../plan/failure-analysis.ts";
import { type Changes, planOf } from "../support/configs.ts";

const outcomes = (rack: string, changes: Changes = {}): readonly Outcome[] => analyseFailures(planOf(rack, changes));
const when = (all: readonly Outcome[], what: string): Outcome =>
  all.find(({ failure }) => `${failure.kind} ${failure.name}`.startsWith(what)) ?? assert.fail(`no failure of ${what}`);
const names = (all: readonly Outcome[]): string[] => all.map(({ failure }) => `${failure.kind} ${failure.name}`);

describe("failure analysis of the homelab", () => {
  const all = outcomes("homelab");

  it("goes on with half the bandwidth when a storage cable is pulled", () => {
    const { networks, stops, weakens } = when(all, "cable pve-ms01-01/enp2s0f0np0");
    assert.deepEqual([networks, stops], [[], []]);
    assert.deepEqual(weakens, ["bond0 of pve-ms01-01 goes on with 10000 of 20000 Mbit/s"]);
  });

  it("loses all of Ceph with the one storage switch, whatever the bonds", () => {
    const { networks, stops } = when(all, "switch mikrotik");
    assert.deepEqual(networks, [{ vlan: "storage", hosts: ["pve-aimax-01", "pve-ms01-01", "pve-ms01-02"] }]);
    assert.deepEqual(stops, [
      "every host is cut off from storage",
      "0 of 3 Ceph monitors see each other: no quorum, all volumes stand still",
      "OSDs on 0 of 3 hosts: fewer copies than the pool's minimum of 2, writing stops",
    ]);
  });

  it("keeps etcd, Ceph and Proxmox running when any one host is down", () => {
    assert.deepEqual(when(all, "host pve-aimax-01").stops, []);
    const host = when(all, "host pve-ms01-02");
    assert.deepEqual(host.stops, []);
    assert.deepEqual(host.weakens, [
      "2 of 3 etcd members see each other: quorum holds",
      "2 of 3 Ceph monitors see each other: quorum holds",
      "OSDs on 2 of 3 hosts: 2 of 3 copies at least, writing goes on",
      "2 of 3 Proxmox hosts see each other: quorum holds",
    ]);
  });

  it("lists what stands against having no single point of failure", () => {
    assert.deepEqual(names(singlePoints(all)), [
      "cable pve-ms01-01/enp87s0 to usw-enterprise-8-poe-server port 2",
      "uplink usw-enterprise-8-poe-server port 1 to enterprise-24-poe-main",
      "switch mikrotik-crs309-k8s-storage",
      "switch usw-enterprise-8-poe-server",
      "host pve-ms01-01",
      "disk pve-ms01-01/system (system)",
      "router udm-pro",
    ]);
  });

  it("has three fewer of them with a shared address for the API", () => {
    assert.deepEqual(names(singlePoints(outcomes("vip"))), [
      "uplink usw-enterprise-8-poe-server port 1 to enterprise-24-poe-main",
      "switch mikrotik-crs309-k8s-storage",
      "switch usw-enterprise-8-poe-server",
      "router udm-pro",
    ]);
  });
});

describe("failure analysis of other racks", () => {
  it("survives either switch with active-backup bonds over two, storage on one of them apart", () => {
    const all = outcomes("other-nics");
    assert.deepEqual(when(all, "switch right").stops, []);
    assert.deepEqual(
      when(all, "switch left").networks.map((network) => network.vlan),
      ["blocks"],
    );
    assert.deepEqual(when(all, "cable alpha/ens1f0").weakens, ["bond7 of alpha goes on with its other member"]);
  });

  it("splits storage in two when the uplink between two switches is pulled", () => {
    const apart = [{ vlan: "storage", hosts: ["pve-ms01-03", "pve-ms01-04"] }];
    const all = outcomes("five-hosts");
    assert.deepEqual(when(all, "uplink mikrotik-crs309-k8s-storage port sfp-sfpplus8").networks, apart);
    assert.ok(!names(all).some((name) => name.startsWith("uplink second-storage")), "a cable with two ends fails once");
    const other = outcomes("five-hosts", { "switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus8": null });
    assert.deepEqual(when(other, "uplink second-storage port sfp-sfpplus8").networks, apart);
  });

  it("keeps a network together by the second of two cables between its switches", () => {
    const uplink = { speedMbps: 10000, tagged: ["storage"] };
    const all = outcomes("five-hosts", {
      "switches.mikrotik-crs309-k8s-storage.ports.second": { ...uplink, uplink: "second-storage" },
      "switches.second-storage.ports.second": { ...uplink, uplink: "mikrotik-crs309-k8s-storage" },
    });
    assert.deepEqual(when(all, "uplink mikrotik-crs309-k8s-storage port sfp-sfpplus8").networks, []);
    assert.deepEqual(when(all, "uplink mikrotik-crs309-k8s-storage port second").networks, []);
  });

  it("loses the way out with the core, where racks still have themselves", () => {
    const all = outcomes("datacenter");
    const out = "no way from cluster, clients to the router and beyond";
    assert.deepEqual(when(all, "uplink core port 32").stops, [out]);
    assert.equal(when(all, "switch core").stops[0], out);
    assert.deepEqual(when(all, "switch pxe-mgmt").stops, []);
  });

  it("keeps replicating round the ring with a cable pulled, and stops with an open ring", () => {
    const ring = (rack: string, changes: Changes = {}): (readonly string[])[] =>
      outcomes(rack, changes)
        .filter(({ failure }) => failure.kind === "ring cable")
        .map(({ stops, weakens }) => [...stops, ...weakens]);
    const round = ["the ring is open: replication takes the longer way round"];
    assert.deepEqual(ring("ms01"), [round, round, round]);
    const open = {
      "usb4Ring.cables": [
        ["ms01-01/a", "ms01-02/b"],
        ["ms01-02/a", "ms01-03/b"],
      ],
    };
    assert.deepEqual(ring("ms01", open), [
      ["ms01-01 cannot replicate with the others"],
      ["ms01-03 cannot replicate with the others"],
    ]);
  });

  it("counts copies of a Ceph that replicates over the ring by the hosts that are left on it", () => {
    const whole = outcomes("homelab-ring");
    const cable = "ring cable pve-ms01-01/a";
    assert.deepEqual(when(whole, cable).weakens, ["the ring is open: replication takes the longer way round"]);
    const two = "OSDs on 2 of 3 hosts: 2 of 3 copies at least, writing goes on";
    assert.ok(when(whole, "host pve-ms01-02").weakens.includes(two));
    const cables = [
      ["pve-ms01-01/a", "pve-ms01-02/b"],
      ["pve-ms01-02/a", "pve-aimax-01/b"],
    ];
    const open = when(outcomes("homelab-ring", { "usb4Ring.cables": cables }), cable);
    assert.deepEqual([open.stops, open.weakens], [[], [two]]);
    // Monitors are not on it.
    assert.ok(when(whole, "switch mikrotik").stops.some((line) => line.startsWith("0 of 3 Ceph monitors")));
  });

  it("loses LINSTOR volumes without a second replica, and not with one", () => {
    const disk = "disk ms01-01/linstor0";
    assert.deepEqual(when(outcomes("ms01"), disk).weakens, ["LINSTOR volumes go on with 1 of 2 replicas"]);
    assert.deepEqual(when(outcomes("ms01", { "linstor.replicas": 1 }), disk).stops, [
      "volumes with all of their 1 replicas there stand still",
    ]);
  });

  it("lets racks fail with their switches: a volume loses no more than the replica that it has there", () => {
    const all = outcomes("datacenter");
    assert.match(when(all, "rack rack-1").stops[0] ?? "", /^0 of 3 etcd members/);
    for (const rack of ["rack rack-2", "switch tor-3"]) {
      const { stops, weakens } = when(all, rack);
      assert.deepEqual([stops, weakens], [[], ["LINSTOR volumes go on with 1 of 2 replicas"]], rack);
    }
    const anywhere = outcomes("datacenter", { "linstor.replicas": 3 });
    assert.deepEqual(when(anywhere, "switch tor-3").stops, ["volumes with all of their 3 replicas there stand still"]);
  });

  it("counts a LINSTOR node that is cut off from the network of its replicas as lost", () => {
    assert.deepEqual(when(outcomes("datacenter"), "cable server04/ens1f1np1").weakens, [
      "LINSTOR volumes go on with 1 of 2 replicas",
    ]);
  });

  it("has no survivor on a rack of one", () => {
    const all = outcomes("one-host");
    assert.equal(when(all, "cable pve/eno1").stops[0], "every host is cut off from lan");
    assert.deepEqual(when(all, "host pve").stops, [
      "0 of 1 etcd members see each other: no quorum, the Kubernetes API takes no change",
      "nobody answers on the API's address 192.0.2.20, whatever other control planes do",
    ]);
  });
});
