import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runMocha } from "../../../tools/checks/mocha-step.ts";
import type { Tally } from "../../../tools/checks/step.ts";

const PASSES = 'it("passes", () => {});';

describe("a run of mocha", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mocha-step-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function count(jobs: number, ...texts: readonly string[]): Promise<Tally> {
    const files = texts.map((text, index) => {
      const file = join(folder, `${index}.test.mts`);
      writeFileSync(file, text);
      return file;
    });
    return runMocha({ files, jobs, timeoutMs: 5000, slowMs: 5000 }, "ignore");
  }

  for (const [how, jobs] of [
    ["one file after the other", 1],
    ["several at once", 2],
  ] as const) {
    describe(how, () => {
      it("counts what passed, failed and was skipped in all of them", async () => {
        const tally = await count(
          jobs,
          PASSES,
          'it("fails", () => { throw new Error("no"); });',
          `${PASSES} it.skip("later", () => {});`,
        );
        assert.deepEqual(tally, { passed: 2, failed: 1, skipped: 1 });
      });

      it("has failed when a file cannot be loaded", async () => {
        const { failed } = await count(jobs, PASSES, 'import "./missing.mts";');
        assert.ok(failed > 0);
      });

      it("has failed when a test ends the process that it runs in", async () => {
        const { failed } = await count(jobs, PASSES, 'it("ends", () => process.exit(0));');
        assert.ok(failed > 0);
      });

      it("has failed when only one test of a file would run", async () => {
        const { failed } = await count(jobs, PASSES, `it.only("alone", () => {}); ${PASSES}`);
        assert.ok(failed > 0);
      });
    });
  }
});
