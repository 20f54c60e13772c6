// docs/reference/corrections.md promises that no contradiction of the source documents is dropped; here it is held to it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { problemCodes } from "../../plan/problem-codes.ts";
import { repository } from "../support/configs.ts";

const rows = readFileSync(join(repository, "docs/reference/corrections.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()));

describe("table of corrections", () => {
  it("has every contradiction, each with a check, a correction or a limit", () => {
    assert.deepEqual(
      rows.map((row) => Number(row[1])),
      Array.from({ length: 44 }, (_, i) => i + 1),
    );
    assert.deepEqual(
      rows.filter((row) => !/\b(check `|correction: |limit: )/.test(row[4] ?? "")).map((row) => row[1]),
      [],
    );
  });

  it("names no check that does not exist", () => {
    const named = rows.flatMap((row) =>
      [...(row[4] ?? "").matchAll(/`([a-z0-9]+(?:-[a-z0-9]+)+)`/g)].map((match) => match[1] ?? ""),
    );
    const known: readonly string[] = problemCodes;
    assert.ok(named.length > 30);
    assert.deepEqual(
      named.filter((code) => !known.includes(code)),
      [],
    );
  });
});
