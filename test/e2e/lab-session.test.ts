// A run that is killed, and the next one that goes on, with a plug-in that tells what is asked of it and reads back what it made.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabSession } from "../../tools/engine/lab-session.ts";
import { ProgramFixture } from "./support/program-fixture.ts";

/** Writes each create down, and answers the first one only when it is allowed to. */
const PLUGIN = `#!/usr/bin/env node
const { appendFileSync, existsSync } = require("node:fs");
const { main } = require("@pulumi/pulumi/provider");
const folder = process.env.FIXTURE;
main({
  version: "8.6.0",
  check: async (_urn, _olds, news) => ({ inputs: news, failures: [] }),
  diff: async () => ({ changes: false }),
  create: async (urn, inputs) => {
    appendFileSync(folder + "/creates", urn.split("::").at(-1) + "\\n");
    while (!existsSync(folder + "/go")) await new Promise((resolve) => setTimeout(resolve, 20));
    return { id: "id-2", outs: inputs };
  },
  read: async (id, _urn, props) => ({ id, props: { ...props, a: 1 }, inputs: { a: 1 } }),
  delete: async () => {},
}, process.argv.slice(2));
`;

/** The same one, running before the engine does. */
const RUNNING = `import { spawn } from "node:child_process";
const plugin = spawn(import.meta.dirname + "/bin/pulumi-resource-proxmoxve", { stdio: ["ignore", "pipe", "inherit"] });
plugin.stdout.once("data", (port) => process.stdout.write("proxmoxve:" + port));
process.stdin.resume().on("end", () => { plugin.kill(); process.exit(); });
`;

describe("a run that is killed in the middle", () => {
  let fixture: ProgramFixture;
  const rackHome = process.env["RACK_HOME"];
  beforeEach(async () => {
    fixture = await ProgramFixture.create();
    process.env["RACK_HOME"] = join(fixture.folder, ".lab");
    process.env["FIXTURE"] = fixture.folder;
    fixture.environment["FIXTURE"] = fixture.folder;
    fixture.write("lab/bin/package.json", "{}");
    fixture.write("lab/bin/pulumi-resource-proxmoxve", PLUGIN, 0o755);
    fixture.write("lab/plugins.ts", RUNNING);
    fixture.program(`
      class Bridge extends pulumi.CustomResource {
        constructor(name: string) {
          super("proxmoxve:network/linux/bridge:Bridge", name, { a: 1 }, { version: "8.6.0" });
        }
      }
      new Bridge("sfp");`);
    await killWhileCreating();
  });
  afterEach(() => {
    fixture.remove();
    delete process.env["FIXTURE"];
    if (rackHome === undefined) delete process.env["RACK_HOME"];
    else process.env["RACK_HOME"] = rackHome;
  });

  async function killWhileCreating(): Promise<void> {
    const session = await LabSession.open([], fixture.folder);
    const up = spawn(fixture.engine.pulumi, ["up", "--yes", "--skip-preview", "--non-interactive"], {
      cwd: fixture.folder,
      env: session.environment,
      stdio: "ignore",
    });
    const ended = once(up, "close");
    while (!existsSync(join(fixture.folder, "creates"))) await sleep(20);
    await assert.rejects(LabSession.open([], fixture.folder), {
      name: "SetupError",
      message: new RegExp(`^stack lab is in use by process ${up.pid} on `),
    });
    up.kill("SIGKILL");
    await ended;
    fixture.write("go", "");
  }

  /** The next `up`; returns the id that the resource has afterwards, and all creates so far. */
  async function upAgain(created: string | undefined): Promise<{ id: string; creates: string[] }> {
    const session = await LabSession.open([], fixture.folder);
    await session.resume(({ name }) => (name === "sfp" ? created : undefined));
    const up = await fixture.pulumi("up", "--yes", "--skip-preview");
    assert.equal(up.code, 0, up.output);
    assert.doesNotMatch(up.output, /warning/);
    const resources: { urn: string; id: string }[] = JSON.parse((await fixture.pulumi("stack", "export")).output)
      .deployment.resources;
    const creates = readFileSync(join(fixture.folder, "creates"), "utf8").trim().split("\n");
    return { id: resources.find(({ urn }) => urn.endsWith("::sfp"))?.id ?? "", creates };
  }

  it("takes in what had come into being, and creates nothing twice", async () => {
    assert.deepEqual(await upAgain("id-1"), { id: "id-1", creates: ["sfp"] });
  });

  it("creates again what had not", async () => {
    assert.deepEqual(await upAgain(undefined), { id: "id-2", creates: ["sfp", "sfp"] });
  });
});
