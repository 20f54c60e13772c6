// The table of faults is complete, and every test it names is there under that very title.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../support/configs.ts";

const mocha = join(repository, "node_modules", "mocha", "bin", "mocha.js");
const page = join(repository, "docs", "reference", "faults.md");
const rows = [...readFileSync(page, "utf8").matchAll(/^\| (\d+b?) \|.*\| \[[a-z-]+\]\(([^)]+)\): (.+) \|$/gm)].map(
  ([, number, file, title]) => ({ number, file: join(page, "..", file ?? ""), title: title ?? "" }),
);

describe("the table of faults", () => {
  it("has every fault once", () => {
    const wanted = Array.from({ length: 45 }, (_, index) => (index === 7 ? ["8", "8b"] : [String(index + 1)])).flat();
    assert.deepEqual(
      rows.map(({ number }) => number),
      wanted,
    );
  });

  it("names tests that are there, by the titles that mocha lists", function () {
    this.timeout(60_000);
    const files = [...new Set(rows.map(({ file }) => file))];
    const listing = spawnSync(process.execPath, [mocha, "--dry-run", "--reporter", "json", ...files], {
      cwd: repository,
      encoding: "utf8",
    });
    const { tests } = JSON.parse(listing.stdout) as { tests: { title: string; file: string }[] };
    // `…` at the end stands for several tests that begin so.
    const isNamed = (title: string, by: string) =>
      by.endsWith("…") ? title.startsWith(by.slice(0, -1)) : title === by;
    const missing = rows.filter(
      (row) => !tests.some(({ title, file }) => file === row.file && isNamed(title, row.title)),
    );
    assert.deepEqual(missing, []);
  });
});
