// Secure boot and encrypted volumes on the metal: what a node is installed with is what it must be started with.
import assert from "node:assert/strict";
import { talosStatus } from "../../../lab/rack/talos/status.ts";
import type { Plan } from "../../../plan/plan.ts";
import { planOf } from "../../support/configs.ts";
import { configurationOf, makeSecrets, T, type TalosWorld, talosWorld } from "../talos-world.ts";

const sealed = { secureBoot: true, diskEncryption: { state: "tpm", ephemeral: "tpm" } };

describe("the system disk of a Talos node of the rack", () => {
  let world: TalosWorld | undefined;
  afterEach(() => world?.close());

  async function installed(plan: Plan, extra: readonly string[] = []) {
    world = await talosWorld(plan);
    const made = world;
    const { clientConfiguration, machineSecrets } = await makeSecrets(made);
    const [node] = plan.nodes;
    assert.ok(node);
    const apply = async (patches: readonly string[], more: object = {}) => {
      const { input, patches: own } = await configurationOf(made, node, machineSecrets);
      await made.talos.create(T.apply, {
        node: node.managementAddress,
        clientConfiguration,
        machineConfigurationInput: input,
        configPatches: [...own, ...patches],
        ...more,
      });
    };
    await apply(extra);
    const status = () => talosStatus(made.rack).find(({ host }) => host === node.host);
    return { apply, status };
  }

  it("opens with a key in the TPM when signed images are started", async () => {
    const { status } = await installed(planOf("ms01", { talos: sealed }));
    assert.deepEqual([status()?.stage, status()?.problem], ["booting", undefined]);
  });

  it("gets no key in the TPM of a machine that started something unsigned", async () => {
    const volume =
      "apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\nencryption: {provider: luks2, keys: [{slot: 0, tpm: {checkSecurebootStatusOnEnroll: true}}]}";
    const { status } = await installed(planOf("ms01"), [volume]);
    assert.equal(status()?.stage, "broken");
    assert.match(status()?.problem ?? "", /volume EPHEMERAL: .*SecureBoot is disabled/);
  });

  it("does not start what is not signed once the keys are in the firmware", async () => {
    const image = "machine: {install: {image: factory.talos.dev/metal-installer:v1.13.0}}";
    const plan = planOf("ms01", { talos: sealed });
    const unlocked = plan.cluster.kernelModules.length > 0 ? ["machine: {kernel: {$patch: delete}}"] : [];
    const { status } = await installed(plan, [image, ...unlocked]);
    assert.match(status()?.problem ?? "", /firmware: Security Violation/);
  });

  it("stays as it was installed: encrypted later, the node does not come up after its next start", async () => {
    const { apply, status } = await installed(planOf("ms01"));
    const volume =
      "apiVersion: v1alpha1\nkind: VolumeConfig\nname: STATE\nencryption: {provider: luks2, keys: [{slot: 0, nodeID: {}}]}";
    await apply([volume]);
    assert.equal(status()?.problem, undefined, "accepted, and not felt until it starts again");
    await apply([volume, "machine: {nodeLabels: {a: b}}"], { applyMode: "reboot" });
    assert.deepEqual(
      [status()?.stage, status()?.problem],
      ["broken", "volume STATE: filesystem type mismatch: xfs != luks"],
    );
  });

  it("is described in a way that Talos takes", async () => {
    const volume = (name: string, encryption: string) =>
      `apiVersion: v1alpha1\nkind: VolumeConfig\nname: ${name}\nencryption: ${encryption}`;
    const { apply } = await installed(planOf("ms01"));
    const refused = async (patch: string, message: RegExp) => await assert.rejects(apply([patch]), message);
    await refused(
      volume("STATE", "{provider: luks2, keys: [{slot: 0, nodeID: {}, lockToState: true}]}"),
      /state-locked key/,
    );
    await refused(volume("EPHEMERAL", "{provider: luks2, keys: []}"), /encryption keys are required/);
    await refused(volume("DATA", "{provider: luks2, keys: [{slot: 0, nodeID: {}}]}"), /volumes are supported/);
    await refused(
      volume("STATE", "{provider: plain, keys: [{slot: 0, nodeID: {}}]}"),
      /unsupported encryption provider: plain/,
    );
  });
});
