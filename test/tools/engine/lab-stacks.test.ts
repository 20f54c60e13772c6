import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labStacks, parseStackArguments, requireLabStack } from "../../../tools/engine/lab-stacks.ts";

describe("the stack that is meant", () => {
  for (const [given, stack, rest] of [
    [[], "lab", []],
    [["--stack", "ms01-lab", "--diff"], "ms01-lab", ["--diff"]],
    [["--diff", "--stack=ms01-lab"], "ms01-lab", ["--diff"]],
    [["stack", "output", "-s", "ms01-lab"], "ms01-lab", ["stack", "output"]],
  ] as const) {
    it(JSON.stringify(given), () => assert.deepEqual(parseStackArguments(given), { stack, rest }));
  }
});

describe("stacks on simulated racks", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "stacks-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: x\n");
    writeFileSync(join(folder, "Pulumi.homelab.yaml"), "config:\n  homelab:environment: {}\n");
    writeFileSync(join(folder, "Pulumi.lab.yaml"), "config:\n  homelab:simulation:\n    rack: lab\n");
    writeFileSync(join(folder, "Pulumi.empty.yaml"), "");
  });
  after(() => rmSync(folder, { recursive: true }));

  it("are those whose file says so", () => {
    assert.deepEqual(labStacks(folder), ["lab"]);
    requireLabStack("lab", folder);
  });

  it("a stack on real hardware is refused, with the command for it", () => {
    assert.throws(() => requireLabStack("homelab", folder), {
      message: `stack homelab stands on real hardware; npm run works on simulated racks only
What helps, any one of:
  - for the real one: pulumi up --stack homelab
  - npm run up -- --stack lab`,
    });
  });

  it("an unknown one is refused with the names there are", () => {
    assert.throws(() => requireLabStack("hoemlab", folder), {
      message: `there is no stack "hoemlab": Pulumi.hoemlab.yaml is missing
What helps:
  - npm run up -- --stack lab`,
    });
  });
});
