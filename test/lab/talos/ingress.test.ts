// Who is let in by a node's firewall, and what stops working when a rule of it is missing.
import assert from "node:assert/strict";
import { connect } from "../../../lab/rack/kubernetes/api-server.ts";
import type { Rack } from "../../../lab/rack/store.ts";
import { type Connection, letsIn } from "../../../lab/rack/talos/ingress.ts";
import { type MachineConfig, readMachineConfig } from "../../../lab/rack/talos/machine-config.ts";
import { getNode, type Installation } from "../../../lab/rack/talos/nodes.ts";
import { etcdStatus } from "../../../lab/rack/talos/status.ts";
import { planOf } from "../../support/configs.ts";
import { ms01Plan } from "../../support/homelab-plan.ts";
import { type LinstorWorld, linstorWorld } from "../linstor/linstor-world.ts";
import { type ClusterWorld, clusterWorld, T } from "../talos-world.ts";

const hostNames = ["ms01-01", "ms01-02", "ms01-03"];

/** Takes a rule out of the firewall of every node, as a person might who edits the configuration by hand. */
function dropRule(rack: Rack, name: string): void {
  for (const host of hostNames) {
    rack.collection<Installation>("talos").edit(`host/${host}`, (body) => {
      const documents = body.configuration.split(/^---\n/m);
      const rest = documents.filter(
        (text) => !(text.includes("kind: NetworkRuleConfig") && text.includes(`\nname: ${name}\n`)),
      );
      assert.equal(rest.length, documents.length - 1, `${host} has no rule ${name}`);
      body.configuration = rest.join("---\n");
    });
  }
}

describe("the ingress firewall of a Talos node of the rack", () => {
  const rule = { protocol: "tcp", ports: [[7000, 7999]] as const, subnets: ["10.0.0.0/24"], except: ["10.0.0.9/32"] };
  const config = (blocks: boolean) => ({ ingress: { blocks, rules: [rule] } }) as unknown as MachineConfig;
  const from = (source: string, change: Partial<Connection> = {}): Connection => ({
    protocol: "tcp",
    port: 7001,
    source,
    ...change,
  });

  it("lets in what a rule names where everything else is blocked", () => {
    const block = config(true);
    assert.equal(letsIn(block, from("10.0.0.1")), true);
    for (const other of [
      from("10.0.1.1"),
      from("10.0.0.9"),
      from("10.0.0.1", { port: 8000 }),
      from("10.0.0.1", { protocol: "udp" }),
    ])
      assert.equal(letsIn(block, other), false, JSON.stringify(other));
  });

  it("shuts out whom a rule does not name where everything else is accepted", () => {
    const accept = config(false);
    assert.deepEqual(
      ["10.0.0.1", "10.0.1.1", "10.0.0.9"].map((source) => letsIn(accept, from(source))),
      [true, false, false],
    );
    assert.equal(letsIn(accept, from("10.0.1.1", { port: 8000 })), true);
  });

  it("is refused where Talos could not make anything of it", () => {
    const read = (text: string) => () =>
      readMachineConfig(`version: v1alpha1\nmachine: {type: worker}\n---\napiVersion: v1alpha1\n${text}`);
    assert.throws(
      read("kind: NetworkDefaultActionConfig\ningress: deny"),
      /deny does not belong to DefaultAction values/,
    );
    const withPorts = (ports: string) =>
      read(`kind: NetworkRuleConfig\nname: a\nportSelector: {ports: ${ports}, protocol: tcp}\ningress: []`);
    assert.throws(withPorts("[]"), /portSelector\.ports is required/);
    assert.throws(withPorts("[80, 70-90]"), /invalid port range: 80, overlaps with another range/);
    assert.throws(withPorts("[90-80]"), /invalid port range: 90-80/);
  });

  it("lets machines on hosts at each other's etcd as well", async function () {
    this.timeout(20_000);
    const talos = { ingressFirewall: { operators: ["home"] } };
    const world = await clusterWorld(planOf("homelab", { "firewall.zones.home": ["192.168.1.0/24"], talos }));
    try {
      assert.equal(etcdStatus(world.rack)[0]?.members.filter(({ isAlive }) => isAlive).length, 3);
    } finally {
      world.close();
    }
  });

  describe("of ms01", () => {
    let world: ClusterWorld;
    beforeEach(async function () {
      this.timeout(20_000);
      world = await clusterWorld(ms01Plan());
    });
    afterEach(() => world.close());
    const bootstrap = () =>
      world.talos.create(T.bootstrap, { node: "10.8.20.12", clientConfiguration: world.secrets.clientConfiguration });

    it("lets the operator at both APIs, and the nodes at each other's etcd", async () => {
      await assert.rejects(bootstrap(), /code = AlreadyExists/, "the Talos API answers");
      assert.equal(connect(world.rack, world.kubeconfig).cluster.name, "ms01");
      assert.equal(etcdStatus(world.rack)[0]?.members.filter(({ isAlive }) => isAlive).length, 3);
    });

    it("lets nobody else at them", async () => {
      for (const operator of ["192.168.2.10", "10.8.20.200"]) {
        world.rack.settings = { ...world.rack.settings, operator };
        await assert.rejects(bootstrap(), /dial tcp 10\.8\.20\.12:50000: connect: no route to host/, operator);
        assert.throws(() => connect(world.rack, world.kubeconfig), /cluster is unreachable/, operator);
      }
    });

    it("takes the majority away from etcd when its rule is missing", () => {
      world.rack.transaction(() => dropRule(world.rack, "etcd"));
      assert.equal(etcdStatus(world.rack)[0]?.hasQuorum, false);
    });

    it("shuts the operator out when the rule of the Talos API is missing", async () => {
      world.rack.transaction(() => dropRule(world.rack, "apid"));
      await assert.rejects(bootstrap(), /10\.8\.20\.12:50000/);
      assert.equal(getNode(world.rack, "host/ms01-02")?.stage, "running", "it runs, and nobody can tell");
    });
  });

  describe("of ms01 with LINSTOR", () => {
    let world: LinstorWorld;
    before(async function () {
      this.timeout(30_000);
      world = await linstorWorld();
    });
    after(() => world.close());
    const online = () => world.linstor("node", "list").stdout.match(/Online/g)?.length ?? 0;

    it("lets the controller's pod at every satellite, and not without the rule", () => {
      assert.equal(online(), 3);
      world.rack.transaction(() => dropRule(world.rack, "linstor-satellite"));
      assert.equal(online(), 0);
    });
  });
});
