// The command line of the rack against what LINSTOR's own client printed for the same nodes (version 1.27 without colours, asking a stand-in
// for the controller): its tables and exit statuses are what the program's scripts read.
import assert from "node:assert/strict";
import { renderRegisterInterfaces } from "../../../components/linstor/register-interfaces.ts";
import { addFault, clearFaults } from "../../../lab/rack/faults.ts";
import { linstorState } from "../../../lab/rack/linstor/state.ts";
import type { LinstorPlan } from "../../../plan/plan.ts";
import { ms01Plan } from "../../support/homelab-plan.ts";
import { type LinstorWorld, linstorWorld } from "./linstor-world.ts";

const plan = ms01Plan().linstor as LinstorPlan;
const [one, two, three] = ["talos-ms01-01", "talos-ms01-02", "talos-ms01-03"] as const;

const nodes = `+---------------------------------------------------------------+
| Node          | NodeType  | Addresses              | State    |
|===============================================================|
| talos-ms01-01 | SATELLITE | 10.8.24.2:3366 (PLAIN) | Online   |
| talos-ms01-02 | SATELLITE | 10.8.25.2:3366 (PLAIN) | Online   |
| talos-ms01-03 | SATELLITE | 10.8.26.2:3366 (PLAIN) | EVACUATE |
+---------------------------------------------------------------+
`;
const interfaces = `+------------------------------------------------------------------+
| talos-ms01-01 | NetInterface | IP        | Port | EncryptionType |
|==================================================================|
| + StltCon     | default-ipv4 | 10.8.24.2 | 3366 | PLAIN          |
| +             | usb4         | 10.8.49.1 |      |                |
+------------------------------------------------------------------+
`;
const paths = `+---------------------------------------+
| Key                           | Value |
|=======================================|
| Paths/dedicated/talos-ms01-01 | usb4  |
| Paths/dedicated/talos-ms01-02 | usb4  |
+---------------------------------------+
`;

describe("the rack's linstor", function () {
  this.timeout(30_000);
  let world: LinstorWorld;
  before(async () => {
    world = await linstorWorld();
    for (const { node, name, address } of plan.interfaces)
      world.linstor("node", "interface", "create", node, name, address);
    world.linstor("node", "evacuate", three);
  });
  after(() => world.close());
  const register = () => world.script(renderRegisterInterfaces({ interfaces: plan.interfaces, tries: 2 }));

  it("prints nodes and interfaces as LINSTOR's client does", () => {
    assert.equal(world.linstor("node", "list").stdout, nodes);
    assert.equal(world.linstor("--timeout", "60", "node", "interface", "list", one).stdout, interfaces);
  });

  it("prints paths as LINSTOR's client does, in either order, and a sentence where there are none", () => {
    assert.equal(world.linstor("node-connection", "path", "create", one, two, "dedicated", "usb4", "usb4").status, 0);
    for (const [a, b] of [
      [one, two],
      [two, one],
    ])
      assert.equal(world.linstor("node-connection", "path", "list", a as string, b as string).stdout, paths);
    const none = { status: 0, stdout: "No property map found for this entry.\n", stderr: "" };
    assert.deepEqual(world.linstor("node-connection", "path", "list", one, three), none);
    assert.deepEqual(world.linstor("node-connection", "path", "list", one, "nobody"), none);
  });

  it("ends with 3 where a node is unknown, and with 10 where the controller refuses", () => {
    assert.equal(world.linstor("node", "interface", "list", "nobody").status, 3);
    assert.equal(world.linstor("node", "interface", "create", one, "usb4", "10.8.49.1").status, 10);
  });

  it("refuses a path over an interface that one end does not have, as the controller does", () => {
    const { status, stdout } = world.linstor("node-connection", "path", "create", one, two, "wrong", "usb4", "sfp");
    assert.equal(status, 10);
    assert.match(stdout, /NetInterface for node unknown/);
    assert.doesNotMatch(world.linstor("node-connection", "path", "list", one, two).stdout, /wrong/);
  });

  it("lets the script give an interface to a node whose replicas are leaving, which it does not call Online", async () => {
    world.linstor("node", "interface", "delete", three, "usb4");
    const run = await register();
    assert.equal(run.status, 0, run.log);
    assert.equal(linstorState(world.api()).nodes[three]?.interfaces["usb4"], "10.8.49.3");
  });

  it("has the script say why it waited in vain", async () => {
    addFault(world.rack, { pattern: "run linstor node list", behaviour: "fail", remaining: -1 });
    const { status, log } = await register();
    clearFaults(world.rack);
    assert.equal(status, 1);
    assert.match(
      log,
      /gave up waiting for satellite talos-ms01-01 .*Connection refused\n.*linstor node list has failed$/m,
    );
  });

  it("has the script stop at half an answer instead of taking it for an interface that is missing", async () => {
    addFault(world.rack, { pattern: `run linstor node interface list ${one}`, behaviour: "partial", remaining: 1 });
    const run = await register();
    assert.equal(run.status, 1, run.log);
    assert.match(run.log, /linstor node interface list talos-ms01-01 has failed/);
    assert.doesNotMatch(run.log, /gets usb4/);
  });
});
