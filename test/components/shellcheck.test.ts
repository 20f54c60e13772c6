// Every script, whatever machine it runs on, is held against the shell's grammar, and against shellcheck where that is installed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { everyScript } from "../support/host-scripts.ts";
import { everyLinstorScript } from "../support/linstor-scripts.ts";
import { everyOperatorScript } from "../support/operator-scripts.ts";

const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;

describe("scripts", () => {
  const scripts = [everyScript(), everyOperatorScript(), everyLinstorScript()].flatMap((all) => Object.entries(all));

  it("are what a POSIX shell takes", () => {
    for (const [name, script] of scripts) {
      const { status, stderr } = spawnSync("sh", ["-n"], { input: script, encoding: "utf8" });
      assert.equal(status, 0, `${name}: ${stderr}`);
    }
  });

  it("have nothing that shellcheck warns of", function () {
    if (!hasShellcheck) this.skip();
    this.timeout(20_000);
    for (const [name, script] of scripts) {
      const { status, stdout } = spawnSync("shellcheck", ["--shell=sh", "-"], { input: script, encoding: "utf8" });
      assert.equal(status, 0, `${name}:\n${stdout}`);
    }
  });
});
