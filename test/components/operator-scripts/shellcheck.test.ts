// Every script for the operator's machine is held against the shell's grammar, and against shellcheck where that is installed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { everyOperatorScript } from "../../support/operator-scripts.ts";

const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;

describe("scripts for the operator's machine", () => {
  const scripts = Object.entries(everyOperatorScript());

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

  it("keep the talosconfig out of arguments and in a private folder that goes with them", () => {
    for (const [name, script] of scripts) {
      assert.match(script, /umask 077\nwork=\$\(mktemp -d/, name);
      assert.match(script, /trap 'rm -rf "\$work"' EXIT/, name);
      assert.equal(script.split("TALOSCONFIG_TEXT").length, 3, `${name} uses the secret more than once`);
    }
  });

  it("say what to install where a tool is missing", () => {
    const environment = { PATH: "/nonexistent", TALOSCONFIG_TEXT: "hidden", CONTROL_PLANES: "192.0.2.1" };
    for (const [name, script] of scripts) {
      const { status, stderr } = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8", env: environment });
      assert.equal(status, 1, name);
      assert.match(stderr, /talosctl is not installed on this machine; install it, no older than the cluster\n$/);
      assert.doesNotMatch(stderr, /hidden/);
    }
  });
});
