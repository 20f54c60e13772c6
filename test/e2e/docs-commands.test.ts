// Every command that the README and the guides show is run here, in the order in which a reader meets it. A command that nobody knows how
// to run fails the test: it would be one that nobody has tried.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "../../tools/engine/engine-version.ts";
import { Project } from "./support/project.ts";

const guides = join(REPOSITORY, "docs", "guides");
const pages = [
  join(REPOSITORY, "README.md"),
  ...readdirSync(guides)
    .sort()
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(guides, file)),
];

/** Lines of the `sh` blocks of a page; a comment and an expected answer (`# …`) are not commands. */
function commandsOf(page: string): string[] {
  return [...readFileSync(page, "utf8").matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)]
    .flatMap(([, block]) => (block ?? "").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Whole suites that this test is a part of, or that take as long: that they exist is all that can be asked here. */
const suites = new Set(["npm test", "npm run check", "npm run bench", "npm run conformance"]);

describe("the commands of the documentation", () => {
  let home: string;
  let real: Project;
  before(async () => {
    home = mkdtempSync(join(tmpdir(), "homelab-docs-"));
    real = await Project.open("homelab");
    // A closed port of this machine stands for the rack, which no test may look for elsewhere.
    await real.pulumi(["config", "set", "homelab:proxmoxEndpoint", "https://127.0.0.1:1/"]);
  });
  after(async () => {
    rmSync(home, { recursive: true, force: true });
    await real?.close();
  });

  /** In the repository, on a rack of the test's own. */
  const inRepository = (command: string): Promise<{ code: number; output: string }> =>
    run(command, REPOSITORY, { ...process.env, RACK_HOME: home });
  /** In a copy, as on a machine where Pulumi is installed. */
  const onRealStack = (command: string): Promise<{ code: number; output: string }> =>
    run(command, real.directory, { ...real.environment, HOME: home });

  async function check(command: string): Promise<void> {
    if (suites.has(command)) {
      const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
      };
      const name = command.replace(/^npm (run )?/, "");
      assert.equal(scripts[name], `node tools/start.mjs ${name}`);
      assert.ok(existsSync(join(REPOSITORY, "tools", `${name}.ts`)));
      return;
    }
    if (/^(npm run|npx lab) /.test(command)) {
      const { code, output } = await inRepository(command);
      assert.equal(code, 0, output);
      return;
    }
    if (/^pulumi (preview|up|refresh|destroy)\b/.test(command)) {
      const consent = command.startsWith("pulumi preview") || command.includes("--yes") ? "" : " --yes";
      const { code, output } = await onRealStack(`${command}${consent} --non-interactive`);
      assert.notEqual(code, 0);
      assert.match(output, /the Proxmox API does not answer/, output);
      return;
    }
    if (command.startsWith("pulumi ")) {
      if (command === "pulumi stack init homelab") return assert.equal(real.stack, "homelab");
      const { code, output } = await onRealStack(command.replace("~/.ssh/id_ed25519", "README.md"));
      assert.equal(code, 0, output);
      return;
    }
    assert.fail(`no test knows how to run: ${command}`);
  }

  for (const page of pages) {
    for (const command of commandsOf(page)) {
      it(`${page.slice(REPOSITORY.length + 1)}: ${command}`, () => check(command));
    }
  }
});

function run(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile("sh", ["-c", command], { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({
        code: error === null ? 0 : typeof error.code === "number" ? error.code : 1,
        output: `${stdout}${stderr}`,
      });
    });
  });
}
