// A run that is killed again and again still ends with the very cluster that an undisturbed run builds, and with nothing twice.
import assert from "node:assert/strict";
import { Project, type StateResource } from "./support/project.ts";

/** Creates between two kills: small enough to hit every part of the program, large enough to end. */
const stride = 12;

const identity = (resource: StateResource): string =>
  `${resource.type} ${resource.urn.slice(resource.urn.lastIndexOf("::") + 2)}`;

describe("an up that is killed again and again", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("lab");
  });
  after(() => project?.close());

  it("is finished by the next ones, with every machine and every name there once", async () => {
    let kills = 0;
    while (await project.killUpAfter(stride)) {
      kills += 1;
      assert.ok(kills < 40, "no end after 40 kills");
      await project.settle();
    }
    assert.ok(kills >= 5, `only ${kills} kills: the run was not disturbed enough to prove anything`);
    const last = await project.up();
    assert.equal(last.code, 0, last.output);
    const again = await project.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
    const status = await project.status();
    assert.deepEqual(
      status.vms.map((vm) => [vm.vmid, vm.name]),
      [
        [8001, "talos-k8s-01"],
        [8002, "talos-k8s-02"],
        [8003, "talos-k8s-03"],
      ],
    );
    assert.deepEqual(
      status.dns.filter((record) => !record.alive),
      [],
    );
    const names = (await project.resources()).map(identity);
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
  });
});
