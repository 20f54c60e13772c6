// Which disk Talos takes on the metal, and what it says when there is none.
import assert from "node:assert/strict";
import { disksOf } from "../../../lab/rack/hosts.ts";
import { talosStatus } from "../../../lab/rack/talos/status.ts";
import { planOf } from "../../support/configs.ts";
import { Plugin } from "../furnished-rack.ts";
import { configurationOf, makeSecrets, T, type TalosWorld, talosWorld } from "../talos-world.ts";

describe("the disk that a Talos node of the rack is installed on", () => {
  let world: TalosWorld;
  let secrets: Awaited<ReturnType<typeof makeSecrets>>;
  before(async () => {
    world = await talosWorld(planOf("ms01"));
    secrets = await makeSecrets(world);
  });
  after(() => world.close());

  const systemDisks = (host: string) =>
    disksOf(world.rack, host).flatMap(({ name, holds }) => (holds === "system" ? [name] : []));
  async function apply(index: number, patch: string) {
    const node = world.plan.nodes[index];
    assert.ok(node);
    const { input, patches } = await configurationOf(world, node, secrets.machineSecrets);
    return await world.talos.create(T.apply, {
      node: node.managementAddress,
      clientConfiguration: secrets.clientConfiguration,
      machineConfigurationInput: input,
      configPatches: [...patches, patch],
    });
  }
  const stageOf = (host: string) => talosStatus(world.rack).find((node) => node.host === host);

  it("is the one with the described properties", async () => {
    const { inputs, outputs } = await apply(0, "machine: {nodeLabels: {a: b}}");
    assert.deepEqual(systemDisks("ms01-01"), ["system"]);
    const onDestroy = { reset: true, graceful: false };
    const reset = { ...outputs, onDestroy };
    await world.talos.kernel.delete(Plugin.subject(T.apply), "machine_configuration_apply", reset, inputs);
    assert.deepEqual(systemDisks("ms01-01"), []);
  });

  it("is looked for at once: a description that fits none is refused in Talos's own words", async () => {
    await assert.rejects(
      apply(1, 'machine: {install: {diskSelector: {size: "<= 1GB", model: "Samsung*"}}}'),
      (error: Error) => {
        assert.match(error.message, /code = InvalidArgument .*configuration validation failed/);
        assert.ok(
          error.message.includes(
            'no disks matched the expression: disk.size <= 1000000000u && glob("Samsung*", disk.model) && disk.transport != "" && disk.transport == "nvme" && !disk.readonly && !disk.cdrom',
          ),
          error.message,
        );
        return true;
      },
    );
    assert.equal(stageOf("ms01-02")?.stage, "maintenance");
  });

  it("is refused by a name, which Talos does not look for", async () => {
    await assert.rejects(
      apply(1, "machine: {install: {diskSelector: {name: nvme0n1}}}"),
      /install disk selector is invalid: selector on name is not supported/,
    );
  });

  it("may be missing at the given path: then nothing is installed, and the console says so", async () => {
    await apply(1, "machine: {install: {disk: /dev/nvme7n1, diskSelector: {$patch: delete}}}");
    const status = stageOf("ms01-02");
    assert.equal(status?.stage, "maintenance");
    assert.equal(status?.problem, "install failed: stat /dev/nvme7n1: no such file or directory");
    assert.deepEqual(systemDisks("ms01-02"), []);
  });
});
