import assert from "node:assert/strict";
import type { NodePlan, Plan, RoutePlan } from "../../plan/plan.ts";
import { planEnvironment } from "../../plan/plan-environment.ts";
import { largeEnvironment } from "../../tools/bench/large-environment.ts";
import { planOf, shown } from "../support/configs.ts";

const node = (plan: Plan, name: string): NodePlan => plan.nodes.find((one) => one.name === name) ?? assert.fail(name);
const routes = (plan: Plan, name: string, link: string): readonly RoutePlan[] =>
  node(plan, name).interfaces.find((one) => one.name === link)?.routes ?? assert.fail(link);

describe("routes of a node", () => {
  it("lead to each Ceph host by that host's own management address, not through the router", () => {
    assert.deepEqual(routes(planOf(), "talos-k8s-01", "eth0"), [
      { gateway: "10.8.16.1" },
      { destination: "10.8.48.12/32", gateway: "10.8.16.12" },
      { destination: "10.8.48.10/32", gateway: "10.8.16.10" },
      { destination: "10.8.48.11/32", gateway: "10.8.16.11" },
      { destination: "10.8.48.12/32", gateway: "10.8.16.12", table: 116 },
      { destination: "10.8.48.10/32", gateway: "10.8.16.10", table: 116 },
      { destination: "10.8.48.11/32", gateway: "10.8.16.11", table: 116 },
      { destination: "10.8.16.0/24", table: 116 },
      { gateway: "10.8.16.1", table: 116 },
    ]);
  });

  it("have the workload's gateway in a table of its own: the default route is the management's", () => {
    assert.deepEqual(routes(planOf(), "talos-k8s-01", "eth1"), [{ gateway: "10.8.28.1", table: 128 }]);
  });

  it("leave out hosts that run neither monitor nor OSD", () => {
    const plan = planOf("homelab", {
      "ceph.monitors": ["pve-ms01-01"],
      "ceph.pool": { size: 2, minSize: 2 },
      "hosts.pve-aimax-01.disks.osd0": null,
    });
    const ceph = routes(plan, "talos-k8s-01", "eth0").filter(
      (route) => route.destination?.endsWith("/32") && route.table === undefined,
    );
    assert.deepEqual(
      ceph.map((route) => route.gateway),
      ["10.8.16.10", "10.8.16.11"],
    );
  });

  it("need no way round to Ceph from a node with a leg in the storage network", () => {
    const plan = planOf("homelab", {
      "nodes.talos-k8s-01.addresses.storage": "10.8.48.40",
      "hosts.pve-ms01-01.bridges.vmbr0.vlans": ["management", "workload", "storage"],
      "switches.usw-enterprise-8-poe-server.ports.2.tagged": ["management", "workload", "storage"],
      "switches.usw-enterprise-8-poe-server.ports.1.tagged": ["management", "workload", "storage"],
      "switches.mikrotik-crs309-k8s-storage.ports.sfp-sfpplus7.tagged": ["storage"],
    });
    assert.deepEqual(
      routes(plan, "talos-k8s-01", "eth0").filter((route) => route.destination?.startsWith("10.8.48.")),
      [],
    );
  });

  it("are one default route on a flat network, without rules", () => {
    const plan = planOf("one-host");
    assert.deepEqual(routes(plan, "talos", "eth0"), [{ gateway: "192.0.2.1" }]);
    assert.deepEqual(node(plan, "talos").routingRules, []);
  });
});

describe("routing rules of a node", () => {
  it("send answers back by the network the question came from", () => {
    assert.deepEqual(node(planOf(), "talos-k8s-02").routingRules, [
      { priority: 700, destination: "10.8.29.128/25", table: "main" },
      { priority: 800, source: "10.8.16.21/32", table: "116" },
      { priority: 900, destination: "10.8.28.0/22", table: "main" },
      { priority: 1000, source: "10.8.28.0/22", table: "128" },
    ]);
  });

  it("send the answers of services and of pods outside the VLAN by the workload's gateway, too", () => {
    const plan = planOf("workers");
    const [pool] = plan.loadBalancer.pools;
    assert.ok(pool?.range.startsWith("10.8.31."), "inside 10.8.28.0/22");
    const outside = plan.nodes.find(({ podPrefix }) => podPrefix.startsWith("10.9."));
    assert.ok(outside);
    assert.deepEqual(
      outside.routingRules.filter(({ priority }) => priority >= 1000),
      [
        { priority: 1000, source: "10.8.28.0/22", table: "128" },
        { priority: 1001, source: outside.podPrefix, table: "128" },
      ],
    );
  });

  it("reach pods outside the VLAN through their nodes, neighbouring prefixes as one", () => {
    const rules = node(planOf("workers"), "talos-k8s-01").routingRules;
    assert.deepEqual(
      rules.filter((rule) => rule.priority > 900 && rule.priority < 1000),
      [{ priority: 901, destination: "10.9.0.0/24", table: "main" }],
    );
  });

  it("send what services answer back by the load balancer's network, where that is one of its own", () => {
    const plan = planOf("datacenter");
    assert.deepEqual(routes(plan, "node04", "ens1f0np0.300"), [
      { destination: "10.0.30.0/24", table: 130 },
      { gateway: "10.0.30.1", table: 130 },
    ]);
    // Nodes and pods before the node's own address: they are reached directly, whatever the source.
    assert.deepEqual(node(plan, "node04").routingRules, [
      { priority: 700, destination: "10.0.200.0/24", table: "main" },
      { priority: 701, destination: "10.0.208.0/21", table: "main" },
      { priority: 702, destination: "10.0.216.0/24", table: "main" },
      { priority: 800, source: "10.0.200.20/32", table: "116" },
      { priority: 1100, source: "10.0.30.0/24", table: "130" },
    ]);
    assert.deepEqual(plan.cilium.devices, ["ens1f0np0.200", "ens1f0np0.300"]);
    assert.equal(plan.cilium.directRoutingDevice, "ens1f0np0.200");
  });

  it("do not fit for a hundred scattered prefixes (pod-prefixes-scattered)", () => {
    const env = largeEnvironment(100);
    const nodes = Object.fromEntries(
      Object.entries(env.nodes).map(([name, one], i) => [name, { ...one, podPrefix: `10.${120 + i}.0.0/25` }]),
    );
    const { problems } = planEnvironment({ ...env, nodes });
    assert.deepEqual(shown(problems.filter((problem) => problem.severity === "error")), [
      "error nodes: the pod prefixes outside VLAN workload make 100 routing rules on every node and 99 fit; choose neighbouring prefixes, those are joined  [pod-prefixes-scattered]",
    ]);
  });
});
