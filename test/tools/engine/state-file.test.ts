import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreStateFile } from "../../../tools/engine/state-file.ts";

describe("a state file after a kill", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "state-"));
    file = join(folder, "lab.json");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (): string => readFileSync(file, "utf8");

  it("comes back from its backup when it is cut off", () => {
    writeFileSync(file, '{"version": 3, "check');
    writeFileSync(`${file}.bak`, '{"version": 3}');
    assert.equal(restoreStateFile(file), true);
    assert.equal(read(), '{"version": 3}');
  });

  it("comes back from its backup when it is gone or empty", () => {
    writeFileSync(`${file}.bak`, '{"version": 3}');
    assert.equal(restoreStateFile(file), true);
    writeFileSync(file, "");
    assert.equal(restoreStateFile(file), true);
    assert.equal(read(), '{"version": 3}');
  });

  it("stays as it is when it can be read, however much older the backup is", () => {
    writeFileSync(file, '{"version": 3, "new": true}');
    writeFileSync(`${file}.bak`, '{"version": 3}');
    assert.equal(restoreStateFile(file), false);
    assert.equal(read(), '{"version": 3, "new": true}');
  });

  it("loses a note of its attributes that is cut off, which the backend could not read", () => {
    writeFileSync(file, '{"version": 3}');
    writeFileSync(`${file}.attrs`, "");
    assert.equal(restoreStateFile(file), true);
    assert.equal(existsSync(`${file}.attrs`), false);
    assert.equal(read(), '{"version": 3}');
  });

  it("is not invented where there is no backup, or none that can be read", () => {
    assert.equal(restoreStateFile(file), false);
    writeFileSync(`${file}.bak`, "{");
    assert.equal(restoreStateFile(file), false);
    assert.equal(existsSync(file), false);
  });
});
