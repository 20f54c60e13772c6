import assert from "node:assert/strict";
import { connectionSpec, interfaceLabel } from "../../../components/linstor/interface-label.ts";
import { renderCreatePaths, renderVerifyPaths } from "../../../components/linstor/paths.ts";
import { renderRegisterInterfaces } from "../../../components/linstor/register-interfaces.ts";
import { hosts } from "../../../lab/rack/hosts.ts";
import { nodeLabels } from "../../../lab/rack/kubernetes/node-labels.ts";
import { reconcileLinstor } from "../../../lab/rack/linstor/operator.ts";
import { linstorState } from "../../../lab/rack/linstor/state.ts";
import type { LinstorPlan } from "../../../plan/plan.ts";
import { ms01Plan } from "../../support/homelab-plan.ts";
import { type LinstorWorld, linstorWorld } from "./linstor-world.ts";

const plan = ms01Plan().linstor as LinstorPlan;
const [first = { node: "", name: "", address: "" }] = plan.interfaces;
const unconditional = { paths: [{ name: "dedicated", interface: "usb4" }] };

describe("LINSTOR on the rack", function () {
  this.timeout(20_000);
  let world: LinstorWorld;
  beforeEach(async () => {
    world = await linstorWorld();
  });
  afterEach(() => world.close());
  const register = (interfaces = plan.interfaces) => world.script(renderRegisterInterfaces({ interfaces, tries: 2 }));
  const paths = (a = "talos-ms01-01", b = "talos-ms01-02") =>
    world.linstor("node-connection", "path", "list", a, b).stdout;
  const state = () => linstorState(world.api());
  const label = () => {
    for (const { node, name } of plan.interfaces) {
      nodeLabels(world.rack, world.api().cluster).put(node, { [interfaceLabel(name)]: "registered" });
    }
  };

  it("registers every satellite with its pod's address and nothing else", () => {
    assert.match(
      world.linstor("node", "list").stdout,
      /\| talos-ms01-01 \| SATELLITE \| 10\.8\.24\.2:3366 \(PLAIN\) \| Online \|/,
    );
    assert.match(
      world.linstor("node", "interface", "list", "talos-ms01-01").stdout,
      /\+ StltCon .*default-ipv4 \| 10\.8\.24\.2/,
    );
    assert.doesNotMatch(world.linstor("node", "interface", "list", "talos-ms01-01").stdout, /usb4/);
  });

  it("burns a core on a connection over an interface that is not there", async () => {
    await assert.rejects(world.connection("dedicated", unconditional), /timed out|no such interface|condition/);
    world.rack.transaction(() => reconcileLinstor(world.api()));
    assert.ok(state().burnCount > 0);
    await register();
    world.rack.transaction(() => reconcileLinstor(world.api()));
    assert.deepEqual(state().burning, []);
  });

  it("leaves pairs alone whose nodes have no label yet, and takes them when they get it", async () => {
    const [connection] = plan.connections;
    assert.ok(connection);
    await world.connection(connection.name, connectionSpec(connection));
    assert.deepEqual(state().connections, {});
    assert.equal(state().burnCount, 0);
    await register();
    label();
    world.rack.transaction(() => reconcileLinstor(world.api()));
    assert.equal(Object.keys(state().connections).length, 3);
    assert.match(paths(), /Paths\/dedicated\/talos-ms01-01 \| usb4/);
    assert.equal(state().burnCount, 0);
  });

  it("has its interfaces made by the program's script, which then finds nothing to do", async () => {
    const made = await register();
    assert.equal(made.status, 0, made.log);
    const before = JSON.stringify(state());
    const again = await register();
    assert.equal(again.status, 0, again.log);
    assert.equal(JSON.stringify(state()), before);
    for (const { node, name, address } of plan.interfaces) assert.equal(state().nodes[node]?.interfaces[name], address);
  });

  it("has a wrong address corrected and a lost interface made again", async () => {
    await register();
    world.linstor("node", "interface", "modify", first.node, first.name, "--ip", "192.0.2.99");
    assert.equal((await register()).status, 0);
    assert.equal(state().nodes[first.node]?.interfaces[first.name], first.address);
    world.linstor("node", "interface", "delete", first.node, first.name);
    assert.equal((await register()).status, 0);
    assert.equal(state().nodes[first.node]?.interfaces[first.name], first.address);
  });

  it("is waited for, but not for ever: the script names the satellite that is missing", async () => {
    hosts(world.rack).edit("ms01-02", (host) => {
      host.powered = false;
    });
    const run = await register();
    assert.equal(run.status, 1, run.log);
    assert.match(run.log, /LINSTOR, interfaces: gave up waiting for satellite talos-ms01-02 to be Online/);
    assert.equal(state().nodes["talos-ms01-01"]?.interfaces["usb4"], undefined, "nothing is half done");
  });

  it("gets paths from the command line, once a pair, and loses those that nobody adopted", async () => {
    await register();
    const manual = { ...plan, method: "cli" as const, adoptPaths: ["by-hand"] };
    world.linstor("node-connection", "path", "create", "talos-ms01-01", "talos-ms01-02", "by-hand", "usb4", "usb4");
    world.linstor("node-connection", "path", "create", "talos-ms01-02", "talos-ms01-03", "forgotten", "usb4", "usb4");
    assert.equal((await world.script(renderCreatePaths(manual))).status, 0);
    const verified = await world.script(renderVerifyPaths(manual));
    assert.equal(verified.status, 0, verified.log);
    assert.match(verified.log, /talos-ms01-02 and talos-ms01-03 lose path forgotten/);
    assert.match(paths(), /Paths\/by-hand/);
    assert.match(paths("talos-ms01-03", "talos-ms01-02"), /Paths\/manual-dedicated\/talos-ms01-03 \| usb4/);
    assert.doesNotMatch(paths("talos-ms01-02", "talos-ms01-03"), /forgotten/);
    assert.equal((await world.script(renderCreatePaths(manual))).log, "", "a second run makes nothing");
  });

  it("does not pass for connected while a pair has no path", async () => {
    await register();
    const run = await world.script(renderVerifyPaths(plan));
    assert.equal(run.status, 1, run.log);
    assert.match(run.log, /gave up waiting for path dedicated over usb4 between talos-ms01-01 and talos-ms01-02/);
  });
});

describe("satellites on Talos", () => {
  it("do not start with the configuration for other systems", async function () {
    this.timeout(20_000);
    const world = await linstorWorld({});
    try {
      assert.doesNotMatch(world.linstor("node", "list").stdout, /talos/);
    } finally {
      world.close();
    }
  });
});
