// Machines on the metal that are off, through the real engine: AMT switches those on that opted in, for their first boot and never again.
import assert from "node:assert/strict";
import { hosts } from "../../lab/rack/hosts.ts";
import { rawEnvironment } from "../support/configs.ts";
import { failed, operationsOn, succeeded } from "./support/built-homelab.ts";
import { at, Project } from "./support/project.ts";

const password = "s3cret of MEBx";

describe("ms01 with machines that AMT switches on", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("ms01-lab");
    project.edit((file) => file.setIn(at("").slice(0, 2), file.createNode(rawEnvironment("metal-amt"))), "ms01");
    await project.prepare();
  });
  after(() => project?.close());

  const setPassword = async (value: string): Promise<void> => {
    succeeded(await project.pulumi(["config", "set", "--secret", "homelab:amtPassword", value]));
  };
  const switchedOn = () =>
    project.rack((rack) =>
      hosts(rack)
        .list()
        .filter(({ body }) => body.powered)
        .map(({ id }) => id),
    );
  const stages = async () => (await project.status()).talos.map(({ name, stage }) => `${name} ${stage}`);

  it("stops before anything is configured when the password is wrong, and says so", async () => {
    await setPassword(password);
    failed(
      await project.up(),
      /talos-ms01-01, first boot: AMT at https:\/\/10\.8\.21\.31:16993\/wsman refuses admin with this password; nothing was switched on/,
      /talos-ms01-02, first boot: AMT at http:\/\/10\.8\.21\.32:16992\/wsman refuses admin/,
    );
    assert.deepEqual(await switchedOn(), ["ms01-03"], "the one that is switched on by hand");
    assert.ok(
      (await stages()).every((stage) => !stage.endsWith("running")),
      (await stages()).join(),
    );
  });

  it("comes up from machines that were off (by a stick, by PXE, by hand), killed while it switches them on and started again", async () => {
    succeeded(await project.pulumi(["config", "rm", "homelab:amtPassword"]));
    const wasRunning = await project.killUpWhen(async () => (await switchedOn()).length > 1);
    assert.ok(wasRunning, "the run ended before it could be killed");
    assert.ok(
      (await stages()).every((stage) => !stage.endsWith("running")),
      (await stages()).join(),
    );
    await project.settle();
    succeeded(await project.up());
    assert.deepEqual(await switchedOn(), ["ms01-01", "ms01-02", "ms01-03"]);
    assert.deepEqual(await stages(), ["talos-ms01-01 running", "talos-ms01-02 running", "talos-ms01-03 running"]);
  });

  it("changes nothing on a second up", async () => {
    assert.deepEqual(succeeded(await project.up()).operations, []);
  });

  it("never switches a machine on again that somebody switched off, whatever password it is given", async () => {
    await project.lab("power off ms01-02");
    assert.deepEqual(succeeded(await project.up()).operations, []);
    await setPassword(password);
    const run = succeeded(await project.up());
    assert.deepEqual(operationsOn(run, "first-boot-"), [
      "update first-boot-talos-ms01-01",
      "update first-boot-talos-ms01-02",
    ]);
    assert.deepEqual(await switchedOn(), ["ms01-01", "ms01-03"]);
  });

  it("does not take a member for a new machine when it opts in while it is off", async () => {
    await project.lab("power on ms01-02");
    await project.lab("power off ms01-03");
    project.edit((file) => file.setIn(at("hosts.ms01-03.outOfBand.firstBoot"), "boot-order"), "ms01");
    const run = succeeded(await project.up());
    assert.deepEqual(operationsOn(run, "first-boot-"), ["create first-boot-talos-ms01-03"]);
    assert.deepEqual(await switchedOn(), ["ms01-01", "ms01-02"]);
    await project.lab("power on ms01-03");
  });

  it("keeps the password out of state and output, and has none left once nobody opts in", async () => {
    const shown = await project.pulumi(["stack", "export", "--show-secrets"]);
    assert.ok(shown.output.includes(password), "it is there, encrypted");
    const state = await project.pulumi(["stack", "export"]);
    assert.ok(!state.output.includes(password));
    for (const host of ["ms01-01", "ms01-02", "ms01-03"])
      project.edit((file) => file.deleteIn(at(`hosts.${host}.outOfBand.firstBoot`)), "ms01");
    const run = succeeded(await project.up());
    assert.ok(!run.output.includes(password));
    const opened = await project.pulumi(["stack", "export", "--show-secrets"]);
    assert.ok(!opened.output.includes(password));
    assert.deepEqual(await switchedOn(), ["ms01-01", "ms01-02", "ms01-03"]);
  });

  it("switches nothing off when all of it goes", async () => {
    succeeded(await project.destroy());
    assert.deepEqual(await switchedOn(), ["ms01-01", "ms01-02", "ms01-03"]);
  });
});
