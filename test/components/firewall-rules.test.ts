import assert from "node:assert/strict";
import { cephRules, hostRules, machineRules, zonesInRules } from "../../components/firewall-rules.ts";
import type { CephPlan, FirewallPlan, ResolvedRule, RingPlan } from "../../plan/plan.ts";

const rule = (change: Partial<ResolvedRule>): ResolvedRule => ({
  ...{ name: "a-rule", fromZone: "any", toZone: "hosts", from: [], to: ["192.0.2.10"], protocol: "any", ports: [] },
  ...{ action: "allow", enabled: true, log: false },
  ...change,
});
const plan = (hostRules: readonly ResolvedRule[]): FirewallPlan => ({
  zones: [
    { name: "hosts", members: ["192.0.2.10"] },
    { name: "pool", members: ["203.0.113.10-203.0.113.20"] },
    { name: "office", members: ["198.51.100.0/24"] },
    { name: "any", members: [] },
  ],
  ...{ rules: hostRules, hostRules, managementSources: [], podEgressDenials: [] },
});

describe("zonesInRules", () => {
  it("takes zones that rules for hosts name and that an ipset can hold", () => {
    const named = plan([rule({ fromZone: "pool" }), rule({ fromZone: "any" })]);
    assert.deepEqual(
      zonesInRules(named).map((zone) => zone.name),
      ["hosts"],
    );
  });
});

describe("hostRules", () => {
  const own = [{ type: "in", action: "ACCEPT", source: "+management", comment: "ping from management", macro: "Ping" }];

  it("names a zone by its ipset, writes a range out, and leaves out what may be anything", () => {
    const rules = [
      rule({ name: "range", fromZone: "pool", from: ["203.0.113.10-203.0.113.20"], protocol: "tcp", ports: [80, 443] }),
      rule({ name: "anyone", protocol: "icmp", action: "deny" }),
    ];
    const planned = plan(rules);
    assert.deepEqual(hostRules(planned, { zones: zonesInRules(planned), hasLinks: false, watchers: [] }), [
      ...own,
      {
        ...{ type: "in", action: "ACCEPT", source: "203.0.113.10-203.0.113.20", dest: "+zone-hosts" },
        ...{ proto: "tcp", dport: "80,443", comment: "range" },
      },
      { type: "in", action: "DROP", dest: "+zone-hosts", proto: "icmp", comment: "anyone" },
    ]);
  });

  it("opens nothing between hosts where there is no cluster", () => {
    assert.deepEqual(hostRules(plan([]), { zones: [], hasLinks: false, watchers: [] }), own);
  });
});

describe("hostRules of hosts that are watched", () => {
  it("let Prometheus, a pod, ask for metrics, before any rule of a person", () => {
    const planned = plan([rule({ name: "anyone", action: "deny" })]);
    const rules = hostRules(planned, { zones: [], hasLinks: false, watchers: ["203.0.113.128/25", "203.0.113.0/25"] });
    assert.deepEqual(rules.map(({ source, dport, action }) => [source, dport, action]).slice(1), [
      ["203.0.113.0/25,203.0.113.128/25", "9100", "ACCEPT"],
      [undefined, undefined, "DROP"],
    ]);
  });
});

describe("cephRules", () => {
  const ceph: CephPlan = {
    ...{ version: "squid", publicPrefix: "198.51.100.0/24", clusterPrefix: "198.51.100.0/24" },
    pool: { name: "p", size: 1, minSize: 1 },
    monitors: [{ host: "pve-a", address: "198.51.100.10" }],
    osds: [{ host: "pve-b", disk: "d", device: "/dev/x", sizeGiB: 1 }],
  };
  it("opens a host with a monitor or an OSD, and no other", () => {
    assert.deepEqual(
      ["pve-a", "pve-b", "pve-c"].map((host) => cephRules(ceph, host, { nodes: [] }).length),
      [1, 1, 0],
    );
  });

  it("opens it to the hosts' replication, and to the ring while OSDs may still be on it, each network once", () => {
    const sources = (change: Partial<CephPlan>, ring?: RingPlan): unknown[] =>
      cephRules({ ...ceph, ...change }, "pve-a", { nodes: [], ...(ring === undefined ? {} : { ring }) }).map(
        ({ source }) => source,
      );
    const ring: RingPlan = { prefix: "203.0.113.0/24", mtu: 65_520, members: [], cables: [] };
    assert.deepEqual(sources({}), ["198.51.100.0/24"]);
    assert.deepEqual(sources({ clusterPrefix: "192.0.2.0/24" }), ["198.51.100.0/24,192.0.2.0/24"]);
    assert.deepEqual(sources({ clusterPrefix: ring.prefix }, ring), ["198.51.100.0/24,203.0.113.0/24"]);
    assert.deepEqual(sources({}, ring), ["198.51.100.0/24,203.0.113.0/24"]);
  });
});

describe("machineRules", () => {
  it("denies on the way out", () => {
    const denial = rule({ action: "deny", from: ["198.51.100.0/24"], to: ["192.0.2.10", "192.0.2.11"], log: true });
    assert.deepEqual(machineRules([denial]), [
      {
        ...{ type: "out", action: "DROP", source: "198.51.100.0/24", dest: "192.0.2.10,192.0.2.11" },
        ...{ log: "info", comment: "a-rule" },
      },
    ]);
  });
});
