import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labEnvironment, labFolders } from "../../../tools/engine/lab-environment.ts";
import { furnishPulumiHome } from "../../../tools/engine/pulumi-home.ts";

describe("the lab's plug-ins", () => {
  let folder: string;
  before(() => {
    // A blank and a quote: the path of somebody's work tree may hold both.
    folder = join(mkdtempSync(join(tmpdir(), "plugins-")), "ada's tree");
    mkdirSync(join(folder, "node_modules/@pulumi/command"), { recursive: true });
    const manifest = { name: "@pulumi/command", version: "1.2.1", pulumi: { resource: true, name: "command" } };
    writeFileSync(join(folder, "node_modules/@pulumi/command/package.json"), JSON.stringify(manifest));
    mkdirSync(join(folder, "bin"));
    for (const name of ["command", "unused"]) {
      writeFileSync(join(folder, `bin/pulumi-resource-${name}`), '#!/bin/sh\necho "$1"\n', { mode: 0o755 });
    }
  });
  after(() => rmSync(join(folder, ".."), { recursive: true }));

  it("stand where installed ones stand, under the version that the package asks for", () => {
    const home = join(folder, "home");
    furnishPulumiHome(folder, join(folder, "bin"), home);
    assert.deepEqual(readdirSync(join(home, "plugins")), ["resource-command-v1.2.1"]);
    const plugin = join(home, "plugins/resource-command-v1.2.1/pulumi-resource-command");
    assert.equal(execFileSync(plugin, ["127.0.0.1:4711"], { encoding: "utf8" }), "127.0.0.1:4711\n");
  });

  it("are there without Pulumi's logs, which an earlier version may have left", () => {
    const home = join(folder, "used");
    mkdirSync(join(home, "logs"), { recursive: true });
    writeFileSync(join(home, "logs/lab-20260101T000000.log"), "…");
    for (const _ of ["first", "again"]) furnishPulumiHome(folder, join(folder, "bin"), home);
    assert.throws(() => mkdirSync(join(home, "logs"), { recursive: true }), { code: "EEXIST" });
  });

  it("are not found on PATH, where a stack on real hardware could meet them", () => {
    const engine = { pulumi: "/e/bin/pulumi", path: ["/e/bin"] };
    const inherited = { PATH: "/usr/bin", PULUMI_CONFIG_PASSPHRASE_FILE: "/secret", PULUMI_ACCESS_TOKEN: "pul-1" };
    assert.deepEqual(labEnvironment("lab", engine, labFolders("/r"), inherited), {
      PATH: "/e/bin:/usr/bin",
      PULUMI_HOME: "/r/pulumi",
      PULUMI_BACKEND_URL: "file:///r/state",
      PULUMI_CONFIG_PASSPHRASE: "lab",
      PULUMI_STACK: "lab",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      RACK_HOME: "/r",
    });
  });
});
