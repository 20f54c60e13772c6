// What holds the code together, checked instead of hoped for: who may import whom, sizes, names, and that every file has its test.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { repository } from "./support/configs.ts";

/** What each folder may import of ours, besides itself. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  // Types alone: what is decided must not depend on how it is read.
  plan: ["config (types)"],
  config: ["plan"],
  components: ["plan"],
  stacks: ["components", "plan", "config (types)"],
  lab: ["plan", "config"],
  tools: ["plan", "config", "lab", "tools/bench"],
  "tools/bench": ["tools", "plan", "config", "lab", "components", "stacks"],
  "index.ts": ["config", "stacks"],
};

/** Packages from outside that a folder may use; folders that are not here are free. */
const packages: Readonly<Record<string, RegExp>> = {
  plan: /^node:crypto$/,
  config: /^(node:(fs|net)|yaml|zod|@pulumi\/pulumi)$/,
  components:
    /^(node:crypto|yaml|@pulumi\/(pulumi|command)|(@pulumi\/kubernetes|@muhlba91\/pulumi-proxmoxve)(\/[\w/]+\.js)?|@pulumiverse\/talos)$/,
  stacks:
    /^(@pulumi\/(pulumi|command)|(@pulumi\/kubernetes|@muhlba91\/pulumi-proxmoxve)(\/[\w/]+\.js)?|@pulumiverse\/talos)$/,
};

/** Source files whose test does not stand where their name says, and the test that covers them. */
const coveredElsewhere: Readonly<Record<string, string>> = {
  // Checks: each of their problems is raised, and its control is not, by the fixtures.
  "plan/draft.ts": "test/plan/problem-codes.test.ts",
  "plan/host-links.ts": "test/plan/problem-codes.test.ts",
  "plan/macs.ts": "test/plan/problem-codes.test.ts",
  "plan/pod-prefixes.ts": "test/plan/problem-codes.test.ts",
  "plan/segments.ts": "test/plan/problem-codes.test.ts",
  "plan/switch-side.ts": "test/plan/problem-codes.test.ts",
  "plan/time.ts": "test/plan/problem-codes.test.ts",
  "config/schema.ts": "test/config/stack-file.test.ts",
  "config/disk-schema.ts": "test/config/stack-file.test.ts",
  "config/hardware-schema.ts": "test/config/stack-file.test.ts",
  "config/scalar-schema.ts": "test/config/stack-file.test.ts",
  "config/talos-schema.ts": "test/plan/disk-encryption.test.ts",
  // The ground that the failure analysis stands on.
  "plan/reachability.ts": "test/plan/failure-analysis.test.ts",
  "plan/wiring.ts": "test/plan/failure-analysis.test.ts",
  "plan/render/diagrams.ts": "test/plan/render/network-map.test.ts",
  // Only runs inside the engine.
  "config/program.ts": "test/e2e/homelab.test.ts",
};

/** Types and constants: there is nothing to run. */
const withoutBehaviour = [
  "plan/plan.ts",
  "plan/host-plan.ts",
  "plan/node-plan.ts",
  "plan/site-plan.ts",
  "plan/talos-plan.ts",
  "plan/versions.ts",
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const files = execFileSync("git", ["ls-files", "*.ts", "*.mjs", "*.cjs"], { cwd: repository, encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && !file.startsWith("sdks/") && existsSync(join(repository, file)));
const textOf = (file: string): string => readFileSync(join(repository, file), "utf8");
/** Benchmarks measure the program itself, so they alone may take it in. */
const folderOf = (file: string): string =>
  file.startsWith("tools/bench/") ? "tools/bench" : (file.split("/")[0] ?? "");
const sources = files.filter((file) => !file.startsWith("test/") && !file.startsWith("conformance/"));

function importsOf(file: string): Import[] {
  const statements = textOf(file).matchAll(/^\s*(?:import|export)\s+(type\s)?[^"';]*?from\s+"([^"]+)"/gm);
  return [...statements].map(([, type, name = ""]) => ({
    from: file,
    to: name.startsWith(".") ? normalize(join(dirname(file), name)) : name,
    isType: type !== undefined,
  }));
}

const imports = sources.flatMap(importsOf);
const isOurs = ({ to }: Import): boolean => folderOf(to) in arrows;

describe("architecture", () => {
  it("finds the imports at all", () => {
    const edges = new Set(imports.filter(isOurs).map(({ from, to }) => `${folderOf(from)} > ${folderOf(to)}`));
    for (const edge of ["config > plan", "components > plan", "stacks > components", "index.ts > stacks"])
      assert.ok(edges.has(edge), edge);
  });

  it("has imports point one way: config, plan, components, stacks, index", () => {
    const wrong = imports.filter(isOurs).filter(({ from, to, isType }) => {
      const allowed = arrows[folderOf(from)] ?? [];
      const target = folderOf(to);
      return (
        folderOf(from) !== target && !allowed.includes(target) && !(isType && allowed.includes(`${target} (types)`))
      );
    });
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} imports ${to}`),
      [],
    );
  });

  it("keeps planning free of Pulumi, files and the network", () => {
    const wrong = imports
      .filter((one) => !isOurs(one))
      .filter(({ from, to }) => packages[folderOf(from)]?.test(to) === false);
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} imports ${to}`),
      [],
    );
  });

  it("has one reader of Pulumi's configuration", () => {
    const readers = sources.filter((file) => /\bnew pulumi\.Config\b/.test(textOf(file)));
    assert.deepEqual(
      [...new Set(readers.map(folderOf))].filter((folder) => folder !== "tools/bench"),
      ["config"],
    );
  });

  it("lets no component or stack know whether its rack is simulated", () => {
    const knowing = sources.filter(
      (file) =>
        ["components", "stacks"].includes(folderOf(file)) &&
        /rack\.invalid|isLab|simulat/i.test(withoutComments(textOf(file))),
    );
    assert.deepEqual(knowing, []);
  });

  it("has files of one idea: no file above 300 lines, no test above 400", () => {
    const long = files.filter((file) => textOf(file).split("\n").length - 1 > (file.startsWith("test/") ? 400 : 300));
    assert.deepEqual(long, []);
  });

  it("names files after their subject", () => {
    const vague = files.filter((file) =>
      /(^|\/)(utils?|helpers?|common|types|misc|shared|legacy|new)\.[a-z]+$/.test(file),
    );
    assert.deepEqual(vague, []);
    const misspelt = files.filter(
      (file) => !/^[a-z0-9-]+(\.(test|d))?\.(ts|mjs|cjs)$/.test(file.split("/").at(-1) ?? ""),
    );
    assert.deepEqual(misspelt, []);
  });

  it("says at the top of every source file what it decides", () => {
    const silent = sources.filter((file) => !/^(#!.*\n)?\/\//.test(textOf(file)));
    assert.deepEqual(silent, []);
  });

  for (const folder of ["plan", "config"]) {
    it(`tests every file of ${folder}/ where its name says, or says where else`, () => {
      const untested = sources
        .filter((file) => file.startsWith(`${folder}/`) && !withoutBehaviour.includes(file))
        .filter((file) => !existsSync(join(repository, `test/${file.replace(/\.ts$/, ".test.ts")}`)))
        .filter((file) => !(file in coveredElsewhere));
      assert.deepEqual(untested, []);
    });
  }

  it("tests every component", () => {
    const untested = sources
      .filter((file) => /^components\/[^/]+\.ts$/.test(file))
      .filter((file) => !existsSync(join(repository, `test/${file.replace(/\.ts$/, ".test.ts")}`)));
    assert.deepEqual(untested, []);
  });

  it("has no exception that is not needed any more", () => {
    const stale = Object.entries(coveredElsewhere).filter(
      ([file, test]) =>
        !existsSync(join(repository, file)) ||
        !existsSync(join(repository, test)) ||
        existsSync(join(repository, `test/${file.replace(/\.ts$/, ".test.ts")}`)),
    );
    assert.deepEqual(stale, []);
    assert.deepEqual(
      withoutBehaviour.filter((file) => !existsSync(join(repository, file))),
      [],
    );
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
