// A small Pulumi project of its own in a temporary folder, run through the real engine.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { type Engine, ensureEngine } from "../../../tools/engine/engine.ts";
import { REPOSITORY } from "../../../tools/engine/engine-version.ts";
import { labEnvironment, labFolders } from "../../../tools/engine/lab-environment.ts";
import { capture } from "../../../tools/engine/run-command.mjs";

/** The same options as the project's own. */
const OPTIONS = parse(readFileSync(join(REPOSITORY, "Pulumi.yaml"), "utf8")).runtime.options;
const NODE_ARGUMENTS: string = OPTIONS.nodeargs.replaceAll("./tools/", `${REPOSITORY}/tools/`);

/** What a command came to. */
export interface Result {
  readonly code: number;
  /** Both streams. */
  readonly output: string;
}

/** A project with one program, and a stack `lab` on a file backend. */
export class ProgramFixture {
  readonly folder: string = mkdtempSync(join(tmpdir(), "program-"));
  readonly environment: NodeJS.ProcessEnv;
  readonly engine: Engine;

  static async create(): Promise<ProgramFixture> {
    return new ProgramFixture(await ensureEngine());
  }

  private constructor(engine: Engine) {
    const folders = labFolders(join(this.folder, ".lab"));
    mkdirSync(folders.state, { recursive: true });
    this.engine = engine;
    this.environment = labEnvironment("lab", engine, folders);
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.folder, "node_modules"));
    this.write("package.json", JSON.stringify({ type: "module", dependencies: { "@pulumi/pulumi": "*" } }));
    const options = { typescript: false, nodeargs: NODE_ARGUMENTS };
    this.write(
      "Pulumi.yaml",
      JSON.stringify({ name: "fixture", main: "index.ts", runtime: { name: "nodejs", options } }),
    );
    this.write("Pulumi.lab.yaml", JSON.stringify({ config: { "homelab:simulation": { rack: "lab" } } }));
  }

  write(name: string, text: string, mode = 0o644): void {
    mkdirSync(join(this.folder, name, ".."), { recursive: true });
    writeFileSync(join(this.folder, name), text, { mode });
  }

  /** Makes `text` the program, after the import of the SDK. */
  program(text: string): void {
    this.write("index.ts", `import * as pulumi from "@pulumi/pulumi";\n${text}\n`);
  }

  async pulumi(...pulumiArguments: string[]): Promise<Result> {
    const flags = ["--non-interactive", "--color", "never"];
    const options = { cwd: this.folder, env: this.environment };
    const { code, stdout, stderr } = await capture(this.engine.pulumi, [...pulumiArguments, ...flags], options);
    return { code, output: stdout + stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
