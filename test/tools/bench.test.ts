import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planEnvironment } from "../../plan/plan-environment.ts";
import { alternate } from "../../tools/bench/alternate.ts";
import { meetsTarget } from "../../tools/bench/figure.ts";
import { largeDescription, largeEnvironment } from "../../tools/bench/large-environment.ts";
import { findOpenTofu } from "../../tools/bench/open-tofu.ts";
import { withoutPreload } from "../../tools/bench/probe.ts";
import { createdIn } from "../../tools/bench/project.ts";
import { renderReport } from "../../tools/bench/report.ts";
import { openTofuProgram } from "../../tools/bench/resource-graph.ts";
import { median, ratio } from "../../tools/bench/statistics.ts";
import { parseTimes, timedRun } from "../../tools/bench/timed-run.ts";

describe("benchmarks", () => {
  describe("statistics", () => {
    it("takes the median of odd and of even numbers of measurements, in any order", () => {
      assert.equal(median([9, 1, 5]), 5);
      assert.equal(median([10, 9, 1, 2]), 5.5);
      assert.throws(() => median([]), { message: "no measurements to take the median of" });
    });

    it("compares smallest with smallest, so that one disturbed run says nothing", () => {
      assert.deepEqual(ratio([30, 900, 20], [10, 12, 11]), { best: 2, median: 30 / 11 });
    });

    it("measures in turns", async () => {
      const order: string[] = [];
      const take = (name: string) => async () => order.push(name);
      assert.deepEqual(await alternate(2, { a: take("a"), b: take("b") }), { a: [1, 3], b: [2, 4] });
      assert.deepEqual(order, ["a", "b", "a", "b"]);
    });
  });

  describe("table", () => {
    const about = { node: "22.1.0", engine: "3.1.0", processors: 2, rounds: 5 } as const;
    const fast = { title: "fast over slow", reading: { best: 1.604, median: 1.7 }, target: 1.6, detail: "slow 1.00 s" };
    const slow = {
      title: "slow over fast",
      reading: { best: 1.606, median: 1.7 },
      cpu: { best: 12, median: 12 },
      target: 1.6,
    };
    const known = { title: "for information", reading: { best: 3, median: 3 } };
    const skipped = { title: "tofu", skipped: "there is none" };

    it("says of each figure with a target whether it is met, as printed", () => {
      assert.deepEqual([fast, slow, known].map(meetsTarget), [true, false, undefined]);
    });

    it("shows figures in columns, and what was not taken with its reason", () => {
      assert.equal(
        renderReport([fast, skipped, slow, known], { ...about, load: [0.5, 1.9] }),
        `figure           target  best  median    cpu          made of
fast over slow   ≤ 1.60  1.60    1.70         met     slow 1.00 s
slow over fast   ≤ 1.60  1.61    1.70  12.00  MISSED
for information          3.00    3.00
not taken: tofu: there is none

Ratios of one run: smallest of 5 over smallest of 5, taken in turns. Node.js 22.1.0, Pulumi 3.1.0, 2 processors, load 0.5 before and 1.9 after.`,
      );
    });

    it("warns where the machine was busy", () => {
      assert.match(
        renderReport([known], { ...about, load: [0.5, 2.1] }),
        /The machine was busy with other things: read the column cpu/,
      );
    });
  });

  describe("timing", () => {
    it("reads what the shell says of its children", () => {
      assert.equal(parseTimes("0m0.25s 1m0.50s"), 60_750);
      assert.equal(parseTimes("0m0,250s 0m0,500s"), 750);
    });

    it("returns what the program printed, and counts its processor time", async () => {
      const busy = "const end = Date.now() + 60; while (Date.now() < end); console.log('one'); console.log('two')";
      const run = await timedRun(process.execPath, ["--eval", busy], { cwd: "." });
      assert.equal(run.stdout, "one\ntwo");
      assert.ok(run.cpuMs > 0 && run.wallMs >= 60, JSON.stringify(run));
    });

    it("does not time a program that failed", async () => {
      await assert.rejects(
        timedRun(process.execPath, ["--eval", "console.error('why'); process.exit(3)"], { cwd: "." }),
        {
          message: /ended with 3:\n(.|\n)*why/,
        },
      );
    });

    it("counts what a preview would create, and notices one that creates nothing", () => {
      const run = { wallMs: 1, cpuMs: 1 };
      assert.equal(createdIn({ ...run, stdout: "Resources:\n    + 150 to create\n" }), 150);
      assert.throws(
        () => createdIn({ ...run, stdout: "Resources:\n    150 unchanged\n" }),
        /a preview that creates nothing/,
      );
    });

    it("leaves out one preload and nothing else", () => {
      const given = ["--a", "--require", "./x/one.cjs", "--require", "./x/two.cjs"];
      assert.deepEqual(withoutPreload(given, "one.cjs"), ["--a", "--require", "./x/two.cjs"]);
      assert.deepEqual(withoutPreload(given, "three.cjs"), given);
    });
  });

  describe("generated racks", () => {
    for (const size of [1, 3, 30, 300]) {
      it(`plans without errors for ${size} hosts`, () => {
        const { plan, problems } = planEnvironment(largeEnvironment(size));
        assert.deepEqual(
          problems.filter(({ severity }) => severity === "error"),
          [],
        );
        assert.deepEqual([plan.hosts.length, plan.nodes.length], [size, size]);
      });
    }

    it("are the same every time", () => {
      assert.deepEqual(largeDescription(30), largeDescription(30));
    });

    it("give every node pods of its own", () => {
      const prefixes = planEnvironment(largeEnvironment(300)).plan.nodes.map((node) => node.podPrefix);
      assert.equal(new Set(prefixes).size, 300);
      assert.ok(prefixes.every((prefix) => prefix?.endsWith("/25")));
    });
  });

  describe("OpenTofu beside it", () => {
    it("has as many resources with the same edges, parents included", () => {
      const stack = { urn: "urn::stack", type: "pulumi:pulumi:Stack" };
      const host = { urn: "urn::host", type: "a:b:C", parent: "urn::stack", inputs: { script: "echo ${HOME} %{x}" } };
      const vm = {
        urn: "urn::vm",
        type: "a:b:D",
        parent: "urn::stack",
        dependencies: ["urn::host", "urn::stack", "urn::gone"],
      };
      assert.deepEqual(openTofuProgram([stack, host, vm]).resource.terraform_data, {
        r0: { input: "{}" },
        r1: { input: '{"script":"echo $${HOME} %%{x}"}', depends_on: ["terraform_data.r0"] },
        r2: { input: "{}", depends_on: ["terraform_data.r1", "terraform_data.r0"] },
      });
    });

    it("takes tofu from PATH, else the newest that was built, else none", () => {
      const folder = mkdtempSync(join(tmpdir(), "tofu-"));
      try {
        const [bin, built] = [join(folder, "bin"), join(folder, "built")];
        assert.equal(findOpenTofu("", built), undefined);
        for (const made of [bin, built]) mkdirSync(made);
        for (const name of ["opentofu-v1.0.0-aa", "opentofu-v1.1.0-bb", "talos-v1-cc", "opentofu-v1.2.0-dd.partial"])
          writeFileSync(join(built, name), "");
        utimesSync(join(built, "opentofu-v1.0.0-aa"), 1, 1);
        assert.equal(findOpenTofu("", built), join(built, "opentofu-v1.1.0-bb"));
        writeFileSync(join(bin, "tofu"), "");
        assert.equal(findOpenTofu(`/nowhere:${bin}`, built), join(bin, "tofu"));
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
});
