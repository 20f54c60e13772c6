import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { areModulesAsLocked } from "../../../tools/engine/modules.mjs";

const WANTED = {
  "": { version: "1.0.0" },
  "node_modules/a": { version: "1.2.3" },
  "node_modules/only-elsewhere": { version: "1.0.0", optional: true },
  "node_modules/own": { link: true },
  "sdks/own": { version: "0.1.0" },
};
const { "": _root, "node_modules/only-elsewhere": _optional, ...INSTALLED } = WANTED;

describe("node_modules against the lock file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "modules-"));
    writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ packages: WANTED }));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function install(packages: object): void {
    mkdirSync(join(folder, "node_modules"));
    writeFileSync(join(folder, "node_modules", ".package-lock.json"), JSON.stringify({ packages }));
  }

  it("is as locked, without the packages of other platforms", () => {
    install(INSTALLED);
    assert.equal(areModulesAsLocked(folder), true);
  });

  it("is not as locked when there is nothing, another version, or one missing", () => {
    assert.equal(areModulesAsLocked(folder), false);
    install({ ...INSTALLED, "node_modules/a": { version: "1.2.2" } });
    assert.equal(areModulesAsLocked(folder), false);
    rmSync(join(folder, "node_modules"), { recursive: true });
    const { "node_modules/a": _a, ...without } = INSTALLED;
    install(without);
    assert.equal(areModulesAsLocked(folder), false);
  });
});
