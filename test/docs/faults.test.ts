// The table of faults is complete, and every test it names is there under that very title.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../support/configs.ts";

const page = join(repository, "docs", "reference", "faults.md");
const rows = [...readFileSync(page, "utf8").matchAll(/^\| (\d+b?) \|.*\| \[[a-z-]+\]\(([^)]+)\): (.+) \|$/gm)].map(
  ([, number, file, title]) => ({ number, file: join(page, "..", file ?? ""), title: title ?? "" }),
);

describe("the table of faults", () => {
  it("has every fault once", () => {
    const wanted = Array.from({ length: 43 }, (_, index) => (index === 7 ? ["8", "8b"] : [String(index + 1)])).flat();
    assert.deepEqual(
      rows.map(({ number }) => number),
      wanted,
    );
  });

  for (const { number, file, title } of rows) {
    it(`names a test that is there: ${number}`, () => {
      const start = title.startsWith("it(") ? title : `it("${title}"`;
      assert.ok(readFileSync(file, "utf8").includes(start), `${file} has no ${start}`);
    });
  }
});
