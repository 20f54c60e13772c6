import assert from "node:assert/strict";
import { pluginOf } from "../../../../tools/engine/language-host/required-packages.ts";
import { configKey, outcomeFor } from "../../../../tools/engine/language-host/run-program.ts";
import { splitArguments } from "../../../../tools/engine/language-host/split-arguments.ts";

describe("language host", () => {
  for (const [text, parts] of [
    ["", []],
    ["--a  --b", ["--a", "--b"]],
    [`--require "./a b.cjs" --c='d e'`, ["--require", "./a b.cjs", "--c=d e"]],
    [String.raw`a\ b "c\"d"`, ["a b", 'c"d']],
  ] as const) {
    it(`cuts nodeargs ${JSON.stringify(text)}`, () => assert.deepEqual(splitArguments(text), parts));
  }

  for (const [code, signal, errors, outcome] of [
    [0, null, "", { error: "", bail: false }],
    [32, null, "told you", { error: "", bail: true }],
    [1, null, "", { error: "Program exited with non-zero exit code: 1", bail: false }],
    [null, "SIGKILL", "", { error: "Program was ended by SIGKILL", bail: false }],
  ] as const) {
    it(`exit code ${code ?? signal}`, () => assert.deepEqual(outcomeFor(code, signal, errors), outcome));
  }

  it("says what to do when memory ran out", () => {
    const { error } = outcomeFor(134, null, "FATAL ERROR: JavaScript heap out of memory");
    assert.equal(
      error,
      "Program exited with non-zero exit code: 134; it ran out of memory, give it more with NODE_OPTIONS=--max-old-space-size=<MiB>",
    );
  });

  it("hands configuration on under the names that every SDK reads", () => {
    assert.equal(configKey("homelab:environment"), "homelab:config:environment");
    assert.equal(configKey("homelab:config:environment"), "homelab:config:environment");
  });

  it("finds the plug-in that a package stands for", () => {
    const plugin = (manifest: object): unknown => pluginOf({ version: "1.2.1", ...manifest });
    assert.equal(plugin({ name: "yaml" }), undefined);
    assert.deepEqual(plugin({ name: "@pulumi/command", pulumi: { resource: true } }), {
      name: "command",
      version: "v1.2.1",
      server: "",
    });
    const own = { resource: true, name: "talos", version: "v0.8.1", server: "https://example.org" };
    assert.deepEqual(plugin({ name: "@pulumiverse/talos", pulumi: own }), {
      name: "talos",
      version: "v0.8.1",
      server: "https://example.org",
    });
    assert.equal(plugin({ name: "@somebody/nameless", pulumi: { resource: true } }), undefined);
  });
});
