// The language host, official or stand-in, and the preload, under the real engine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../../tools/engine/lock.mjs";
import { ProgramFixture } from "./support/program-fixture.ts";

describe("language host", () => {
  let fixture: ProgramFixture;
  before(async () => {
    fixture = await ProgramFixture.create();
    const { code, output } = await fixture.pulumi("stack", "init", "lab");
    assert.equal(code, 0, output);
  });
  after(() => fixture.remove());

  it("runs TypeScript as it is, with configuration, secrets and outputs", async () => {
    await fixture.pulumi("config", "set", "greeting", "hello rack");
    await fixture.pulumi("config", "set", "--secret", "token", "sesame");
    fixture.program(`
      const config = new pulumi.Config();
      export const greeting: string = config.require("greeting");
      export const token: pulumi.Output<string> = config.requireSecret("token");
      export const where: string = [pulumi.getProject(), pulumi.getStack(), pulumi.runtime.isDryRun()].join(" ");`);
    const up = await fixture.pulumi("up", "--yes", "--skip-preview");
    assert.equal(up.code, 0, up.output);
    const outputs = await fixture.pulumi("stack", "output", "--json");
    assert.deepEqual(JSON.parse(outputs.output), {
      greeting: "hello rack",
      token: "[secret]",
      where: "fixture lab false",
    });
    assert.doesNotMatch(up.output, /sesame|warning/);
  });

  it("tells the engine which plug-ins the packages stand for", async () => {
    const { output } = await fixture.pulumi("about", "--json");
    const plugins: { name: string; version: string }[] = JSON.parse(output).plugins;
    const command = plugins.find(({ name }) => name === "command");
    const manifest = readFileSync(join(fixture.folder, "node_modules/@pulumi/command/package.json"), "utf8");
    assert.equal(command?.version, JSON.parse(manifest).version);
  });

  it("a RunError fails the run with its message alone", async () => {
    fixture.program(`throw new pulumi.RunError("VLAN 48 has no gateway");`);
    const { code, output } = await fixture.pulumi("preview");
    assert.notEqual(code, 0);
    assert.match(output, /error: VLAN 48 has no gateway/);
    assert.doesNotMatch(output, /index\.ts:|non-zero exit code/);
  });

  it("any other error fails it with the place in the program", async () => {
    fixture.program(`function connect(): never { throw new Error("no cable"); }\nconnect();`);
    const { code, output } = await fixture.pulumi("preview");
    assert.notEqual(code, 0);
    assert.match(output, /no cable[\s\S]*connect[\s\S]*index\.ts:2/);
  });

  it("a program that leaves with an exit code fails it", async () => {
    fixture.program(`process.exit(7);`);
    const { code, output } = await fixture.pulumi("preview");
    assert.notEqual(code, 0);
    assert.match(output, /Program exited with non-zero exit code: 7/);
  });

  it("a leaked promise fails it, with the preload in place", async () => {
    fixture.program(`
      import { createRequire } from "node:module";
      const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
      console.log("stack:", sdk("./runtime/debuggable").debuggablePromise.name, "limit", Error.stackTraceLimit);
      class Leaky extends pulumi.ComponentResource {
        constructor() {
          super("fixture:index:Leaky", "leaky", { never: new Promise<string>(() => {}) });
        }
      }
      new Leaky();`);
    const { code, output } = await fixture.pulumi("preview");
    assert.notEqual(code, 0);
    assert.match(output, /The Pulumi runtime detected that \d+ promises? (was|were) still active/);
  });

  it("a killed engine takes the program with it", async () => {
    const marker = join(fixture.folder, "pid");
    fixture.program(`
      import { writeFileSync } from "node:fs";
      writeFileSync(${JSON.stringify(marker)}, String(process.pid));
      await new Promise((resolve) => setTimeout(resolve, 60_000));`);
    const preview = spawn(fixture.engine.pulumi, ["preview"], {
      cwd: fixture.folder,
      env: fixture.environment,
      stdio: "ignore",
    });
    while (!existsSync(marker) || readFileSync(marker, "utf8") === "") await sleep(50);
    const program = { pid: Number(readFileSync(marker, "utf8")), host: hostname() };
    assert.equal(isAlive(program), true);
    preview.kill("SIGKILL");
    const giveUpAt = Date.now() + 15_000;
    while (isAlive(program) && Date.now() < giveUpAt) await sleep(100);
    assert.equal(isAlive(program), false);
  });
});
