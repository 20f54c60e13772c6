// The command of the power page, when the mains go and when they come back.
import assert from "node:assert/strict";
import { hosts } from "../../../lab/rack/hosts.ts";
import { etcdStatus, talosStatus } from "../../../lab/rack/talos/status.ts";
import { renderPowerGuide } from "../../../plan/render/power-guide.ts";
import { ms01Plan } from "../../support/homelab-plan.ts";
import { type OperatorWorld, operatorWorld } from "../operator-world.ts";

const hostNames = ["ms01-01", "ms01-02", "ms01-03"];

describe("the shutdown of a rack on the metal", function () {
  this.timeout(60_000);
  let world: OperatorWorld;
  before(async () => {
    world = await operatorWorld(ms01Plan());
  });
  after(() => world.close());
  const page = renderPowerGuide(ms01Plan(), "source") ?? "";
  const [, command = ""] = /```sh\n(talosctl shutdown [^\n]+)\n/.exec(page) ?? [];
  const run = (text: string) =>
    world.run(`printf '%s\\n' "$TALOSCONFIG_TEXT" >/tmp/talosconfig\nexport TALOSCONFIG=/tmp/talosconfig\n${text}`);
  const powered = () => hostNames.map((name) => hosts(world.rack).get(name)?.powered);

  it("drains nobody: without --force it would", async () => {
    await assert.rejects(run(command.replace(" --force", "")), /does not drain/);
    assert.deepEqual(powered(), [true, true, true]);
  });

  it("takes every node down with one command, as the page has it", async () => {
    await run(command);
    assert.deepEqual(powered(), [false, false, false]);
    assert.equal(etcdStatus(world.rack)[0]?.hasQuorum, false);
  });

  it("is over by itself: with the power comes the cluster, and with the second control plane the majority", () => {
    for (const [index, name] of hostNames.entries()) {
      hosts(world.rack).edit(name, (host) => {
        host.powered = true;
      });
      assert.equal(etcdStatus(world.rack)[0]?.hasQuorum, index > 0, name);
    }
    assert.deepEqual(
      talosStatus(world.rack).map(({ stage }) => stage),
      ["running", "running", "running"],
    );
  });
});
