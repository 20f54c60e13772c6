import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stackJsonSchema } from "../../config/stack-schema.ts";
import { repository } from "../support/configs.ts";

const properties = (schema: unknown): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
  (schema as { properties: Record<string, Record<string, unknown>> }).properties;

describe("JSON Schema of a stack file", () => {
  const config = properties(stackJsonSchema())["config"];
  const environment = properties(config)["homelab:environment"];

  it("knows the description, the twin's settings and how a rack is reached", () => {
    const keys = Object.keys(properties(config));
    assert.deepEqual(keys.slice(0, 2), ["homelab:environment", "homelab:simulation"]);
    for (const key of ["homelab:proxmoxApiToken", "homelab:sshPrivateKey", "homelab:protect"])
      assert.ok(keys.includes(key), key);
  });

  it("knows every setting that the program reads", () => {
    const source = readFileSync(join(repository, "config/connections.ts"), "utf8");
    const read = [...source.matchAll(/config\.get\w*(?:<[^(]*>)?\("(\w+)"\)/g)].map((match) => `homelab:${match[1]}`);
    assert.ok(read.length >= 8);
    assert.deepEqual(
      read.filter((key) => !(key in properties(config))),
      [],
    );
  });

  it("refuses unknown keys, as the program does, and wants only what has no default", () => {
    assert.equal(environment?.["additionalProperties"], false);
    const required = environment?.["required"] as readonly string[];
    assert.deepEqual([required.includes("hosts"), required.includes("timeZone")], [true, false]);
  });

  it("is named in the first line of every file with a description", () => {
    const files = readdirSync(repository).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
    for (const name of files) {
      const text = readFileSync(join(repository, name), "utf8");
      if (!text.includes("homelab:environment:")) continue;
      assert.ok(text.startsWith("# yaml-language-server: $schema=./config/stack.schema.json\n"), name);
    }
  });
});
