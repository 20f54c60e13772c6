// Signed images and encrypted system disks, through the real engine: built so, kept so, and brought in on nodes that were installed without.
import assert from "node:assert/strict";
import { hosts } from "../../lab/rack/hosts.ts";
import { getNode, wipe } from "../../lab/rack/talos/nodes.ts";
import { listRestarts } from "../../lab/rack/talos/restarts.ts";
import { MetalRack } from "./support/metal-rack.ts";
import { Project } from "./support/project.ts";

const environment = ["config", "homelab:environment"];
const passphrase = "correct horse battery staple";

describe("ms01 with secure boot and encrypted disks", () => {
  let project: Project;
  let rack: MetalRack;
  before(async () => {
    project = await Project.open("ms01-lab");
    rack = new MetalRack(project, "ms01-lab");
    option("secureBoot", true);
    option("diskEncryption", { state: "tpm", ephemeral: "static" });
    const set = await project.pulumi(["config", "set", "--secret", "homelab:diskPassphrase", passphrase]);
    assert.equal(set.code, 0, set.output);
  });
  after(() => project?.close());

  const option = (name: string, value: unknown): void =>
    project.edit((file) => file.setIn([...environment, "talos", name], file.createNode(value)), "ms01");
  const installed = () =>
    rack.in((open) =>
      hosts(open)
        .list()
        .map(({ id }) => getNode(open, `host/${id}`))
        .map((node) => [node?.stage, node?.installation?.secureBoot, node?.installation?.encrypted?.join(" ") ?? ""]),
    );
  const sealed = ["running", true, "STATE EPHEMERAL"];
  const open = ["booting", true, ""];

  it("comes up from machines that enrolled Talos's keys, with the passphrase nowhere to be read", async () => {
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(await installed(), [sealed, sealed, sealed]);
    assert.doesNotMatch(run.output, /correct horse/);
    const state = await project.pulumi(["stack", "export"]);
    assert.doesNotMatch(state.output, /correct horse/);
  });

  it("does not take the encryption away from nodes that have it: refused before anything changes", async () => {
    option("diskEncryption", { state: "tpm" });
    const run = await project.up();
    assert.notEqual(run.code, 0);
    assert.match(run.output, /EPHEMERAL of 10\.8\.20\.11 was installed encrypted, and the description says open/);
    assert.deepEqual(await installed(), [sealed, sealed, sealed]);
    assert.deepEqual(await rack.in(listRestarts), []);
  });

  it("takes it away from one node that is installed anew, and the others stay as they are", async () => {
    option("diskEncryption", { state: "tpm", ephemeral: "static", openNodes: ["talos-ms01-03"] });
    await rack.in((lab) => {
      const node = getNode(lab, "host/ms01-03");
      assert.ok(node);
      wipe(lab, node.machine);
    });
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    // Nobody waits for it here: it is still on its way up.
    assert.deepEqual(await installed(), [sealed, sealed, open]);
  });
});
