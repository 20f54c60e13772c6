import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { engineOnPath } from "../../../tools/engine/engine-on-path.ts";

describe("pulumi on PATH", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "path-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function program(name: string, text: string): void {
    const file = join(folder, name);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  it("serves when it is new enough and its language host stands beside it, links followed", async () => {
    program("opt/pulumi", "echo v3.251.0");
    program("opt/pulumi-language-nodejs", "");
    mkdirSync(join(folder, "bin"));
    symlinkSync(join(folder, "opt/pulumi"), join(folder, "bin/pulumi"));
    assert.deepEqual(await engineOnPath("3.250.0", join(folder, "bin")), {
      pulumi: join(folder, "bin/pulumi"),
      hasLanguageHost: true,
    });
  });

  it("serves without a language host, which then has to be added", async () => {
    program("bin/pulumi", "echo v3.250.0");
    assert.deepEqual(await engineOnPath("3.250.0", join(folder, "bin")), {
      pulumi: join(folder, "bin/pulumi"),
      hasLanguageHost: false,
    });
  });

  it("does not serve when it is old, broken or not there", async () => {
    program("bin/pulumi", "echo v3.100.0");
    program("broken/pulumi", "echo 'bad ELF' >&2; exit 3");
    const [old, broken] = [join(folder, "bin"), join(folder, "broken")];
    assert.deepEqual(await engineOnPath("3.250.0", [old, broken].join(delimiter)), {
      reason: `${old}/pulumi cannot be used: it is v3.100.0, older than 3.250.0`,
    });
    assert.deepEqual(await engineOnPath("3.250.0", broken), {
      reason: `${broken}/pulumi version ended with exit code 3: bad ELF`,
    });
    assert.deepEqual(await engineOnPath("3.250.0", join(folder, "empty")), { reason: "there is no pulumi" });
  });
});
