// What every script for the operator's machine keeps to.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { everyOperatorScript } from "../../support/operator-scripts.ts";

describe("scripts for the operator's machine", () => {
  const scripts = Object.entries(everyOperatorScript());

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
