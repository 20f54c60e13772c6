// Decision records keep what their index and their own text promise.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../support/configs.ts";

const folder = join(repository, "docs/decisions");
const records = readdirSync(folder).filter((name) => /^\d{4}-/.test(name));
const textOf = (name: string): string => readFileSync(join(folder, name), "utf8");

describe("decision records", () => {
  it("are numbered without a gap, say their number first, and stand in the index", () => {
    const index = textOf("README.md");
    records.sort().forEach((name, position) => {
      const number = String(position + 1).padStart(4, "0");
      assert.ok(name.startsWith(`${number}-`), name);
      assert.ok(textOf(name).startsWith(`# ${number} `), name);
      assert.ok(index.includes(`[${number}](${name})`), `${name} is not in the index`);
    });
  });

  it("give a reason for every dependency", () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
      dependencies: object;
      devDependencies: object;
    };
    const text = textOf("0007-dependencies.md");
    const unexplained = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !text.includes(`\`${name}\``),
    );
    assert.deepEqual(unexplained, []);
  });
});
