import assert from "node:assert/strict";
import { planOf, problemsOf, rawEnvironment, shown, withChanges } from "../support/configs.ts";

const install = "nodes.talos-ms01-01.install";
const disks = "hosts.ms01-01.disks";
const first = (changes = {}) => planOf("ms01", changes).nodes[0];

describe("the disk that Talos is installed on", () => {
  it("is the one that fits, and Talos is told what it is like", () => {
    assert.equal(first()?.installDisk, "/dev/disk/by-id/nvme-ms01-01-system");
    assert.deepEqual(first()?.installMatch, { type: "nvme", size: "<= 600GB" });
  });

  it("may be named, and Talos is told its path", () => {
    const named = first({ [install]: { disk: "system" } });
    assert.deepEqual([named?.installDisk, named?.installMatch], ["/dev/disk/by-id/nvme-ms01-01-system", undefined]);
  });

  it("is found by patterns as Talos reads them: * stands for anything, every other character for itself", () => {
    const models = {
      [`${disks}.system.model`]: "Samsung SSD 980 [500GB]",
      [`${disks}.linstor0.model`]: "WD_BLACK SN850X",
    };
    const fits = (model: string) =>
      first({ ...models, [`${install}.match`]: { model } })
        ?.installDisk.split("-")
        .at(-1);
    assert.equal(fits("Samsung*"), "system");
    assert.equal(fits("*[500GB]"), "system");
    assert.throws(() => fits("WD*"), /install-disk-taken/);
    assert.throws(() => fits("samsung*"), /install-match-none/);
    assert.throws(() => fits("Samsung"), /install-match-none/);
  });

  it("may be left undescribed where something else shuts it out already", () => {
    const match = { size: "<= 600GB", model: "Samsung*" };
    assert.equal(
      first({ [`${disks}.system.model`]: "Samsung SSD 980", [`${install}.match`]: match })?.installDisk,
      "/dev/disk/by-id/nvme-ms01-01-system",
    );
  });

  it("cannot be asked for by an exact size", () => {
    const raw = withChanges(rawEnvironment("ms01"), { [`${install}.match`]: { size: "476GiB" } });
    assert.match(shown(problemsOf(raw)).join(), /an exact one would hardly ever fit; correct it {2}\[shape-invalid\]/);
  });
});
