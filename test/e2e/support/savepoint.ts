// A project as it was at one moment, to come back to: building the homelab once serves many tests.
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Project } from "./project.ts";

const STACK_FILE = /^Pulumi\..+\.yaml$/;

/** State, rack and descriptions of a project that no command is running on. */
export class Savepoint {
  readonly #project: Project;
  readonly #copy = mkdtempSync(join(tmpdir(), "savepoint-"));
  readonly #parts: readonly string[];

  constructor(project: Project) {
    this.#project = project;
    const files = readdirSync(project.directory).filter((name) => STACK_FILE.test(name));
    this.#parts = [...files, join(".lab", project.stack), join(".lab", "state")];
    for (const part of this.#parts) cpSync(join(project.directory, part), join(this.#copy, part), { recursive: true });
  }

  /** Puts everything back; what came since is gone. */
  async restore(): Promise<void> {
    await this.#project.stopPlugins();
    for (const part of this.#parts) {
      rmSync(join(this.#project.directory, part), { recursive: true, force: true });
      cpSync(join(this.#copy, part), join(this.#project.directory, part), { recursive: true });
    }
  }

  remove(): void {
    rmSync(this.#copy, { recursive: true, force: true });
  }
}
