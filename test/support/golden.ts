// Files that hold what the program makes of a description. `UPDATE_GOLDEN=1 npm test` writes them anew; read the difference.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Asserts that the text is what `test/golden/<name>` says. */
export function assertGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, "../golden", name);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  assert.equal(
    text,
    readFileSync(path, "utf8"),
    `test/golden/${name} differs; if that is meant, set UPDATE_GOLDEN=1 once`,
  );
}
