import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { REPOSITORY } from "../../../tools/engine/engine-version.ts";

const PRELOAD = ["--require", join(REPOSITORY, "tools/engine/deferred-parts.cjs")];

/** What a program prints, as JSON. */
function run<Result>(program: string, flags: readonly string[] = PRELOAD): Result {
  const options = { cwd: REPOSITORY, encoding: "utf8" } as const;
  return JSON.parse(execFileSync(process.execPath, [...flags, "--eval", program], options));
}

const LOADED = `
  require("@pulumi/pulumi");
  require("@pulumi/pulumi/cmd/run/tracing");
  const inPackage = (name) => Object.keys(require.cache).some((file) => file.includes(\`/node_modules/\${name}/\`));
  console.log(JSON.stringify(["@npmcli/arborist", "@opentelemetry/sdk-trace-node", "execa", "@grpc/grpc-js"].map(inPackage)));`;

describe("deferred-parts preload", () => {
  it("starts the SDK without what only few programs use", () => {
    assert.deepEqual(run(LOADED), [false, false, false, true]);
    assert.deepEqual(run(LOADED, []), [true, true, true, true]);
  });

  it("still knows the packages that a function needs", () => {
    const paths = `
      const { computeCodePaths } = require("@pulumi/pulumi/runtime/closure/codePaths");
      computeCodePaths({}).then((paths) => console.log(JSON.stringify([...paths.keys()].sort())));`;
    const found = run<string[]>(paths);
    assert.ok(found.includes("node_modules/zod"), found.join(", "));
    assert.deepEqual(found, run(paths, []));
  }).timeout(60_000);

  it("spares the program the debugger that the SDK's runner starts, and nobody else", () => {
    const started = (from: string) =>
      run<boolean>(`
        const load = require("node:module").createRequire(require.resolve(${JSON.stringify(from)}));
        const hooks = load("@pulumi/pulumi/runtime/closure/v8Hooks");
        hooks.isInitializedAsync().then(() => console.log(JSON.stringify("getScriptUrl" in hooks)));`);
    assert.equal(started("@pulumi/pulumi/cmd/run/index.js"), false);
    assert.equal(started("@pulumi/pulumi/index.js"), true);
  });

  it("leaves the Automation API where it is looked for, in whole", () => {
    const api = `
      const { automation } = require("@pulumi/pulumi");
      console.log(JSON.stringify([typeof automation.LocalWorkspace.create, "Stack" in automation, Object.keys(automation).sort()]));`;
    assert.deepEqual(run(api), run(api, []));
    const imported = `import { automation } from "@pulumi/pulumi"; console.log(JSON.stringify(typeof automation.fullyQualifiedStackName));`;
    assert.equal(run(imported, [...PRELOAD, "--input-type=module"]), "function");
  });

  it("traces where that is asked for", () => {
    const span = `
      const tracing = require("@pulumi/pulumi/cmd/run/tracing");
      tracing.start("http://127.0.0.1:9/api/v2/spans");
      console.log(JSON.stringify(tracing.newSpan("a").isRecording()));
      process.exit();`;
    assert.equal(run(span), true);
  });

  it("keeps its hands off everybody else's packages", () => {
    const direct = `
      const { Arborist } = require("@npmcli/arborist");
      console.log(JSON.stringify([typeof Arborist, require("node:util").types.isProxy(require("@npmcli/arborist"))]));`;
    assert.deepEqual(run(direct), ["function", false]);
  });

  it("says in English what a description gets wrong", () => {
    const message = `
      import { z } from "zod";
      console.log(JSON.stringify([Object.keys(z.locales).length, z.number().safeParse("a").error.issues[0].message]));`;
    const flags = ["--input-type=module"];
    const [languages, text] = run<[number, string]>(message, [...PRELOAD, ...flags]);
    const [allLanguages, sameText] = run<[number, string]>(message, flags);
    assert.deepEqual([languages, allLanguages > 10, text], [0, true, sameText]);
  });
});
