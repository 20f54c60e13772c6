// What every script for a host keeps to.
import assert from "node:assert/strict";
import { everyScript } from "../../support/host-scripts.ts";

describe("scripts for hosts", () => {
  const scripts = Object.entries(everyScript());

  it("never wipe, destroy or remove what holds data", () => {
    for (const [name, script] of scripts) {
      assert.doesNotMatch(script.replaceAll(/"[^"]*"/g, ""), /\b(zap|destroy|purge|mkfs|wipefs|delnode)\b/, name);
    }
  });

  it("name host and step in every line they print", () => {
    for (const [name, script] of scripts) assert.match(script, /^set -eu\nsay\(\) \{ printf '%s: %s\\n' 'pve-a/, name);
  });
});
