// The homelab, built once on its simulated rack, for tests that break something and come back to it.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { addFault, clearFaults, type Fault } from "../../../lab/rack/faults.ts";
import type { JournalEntry } from "../../../lab/rack/journal.ts";
import { at, Project, type Run } from "./project.ts";
import { Savepoint } from "./savepoint.ts";

/** Name of the machine that {@link addMachine} adds. */
export const MACHINE = "talos-k8s-04";

/** A further node, the smallest change that goes through all tiers. */
export function addMachine(
  file: Document,
  number = 4,
  { host = "pve-aimax-01", role = "worker" }: { host?: string; role?: "controlplane" | "worker" } = {},
): void {
  const last = 19 + number;
  file.setIn(at(`nodes.talos-k8s-0${number}`), {
    ...{ host, role, vm: { id: 8000 + number, cores: 4, memoryGiB: 8, diskGiB: 50 } },
    ...{
      addresses: { management: `10.8.16.${last}`, workload: `10.8.28.${last}` },
      podPrefix: `10.8.${last + 20}.0/25`,
    },
  });
}

/** A project that stands as after `npm run up`, and can be put back to that. */
export class BuiltHomelab {
  readonly project: Project;
  readonly #built: Savepoint;

  /** @param upTo `prepared`: the rack is furnished and nothing is built */
  static async open(
    upTo: "prepared" | "built" = "built",
    edit?: (description: Document) => void,
  ): Promise<BuiltHomelab> {
    const project = await Project.open("lab", edit);
    await project.prepare();
    if (upTo === "built") succeeded(await project.up());
    return new BuiltHomelab(project);
  }

  private constructor(project: Project) {
    this.project = project;
    this.#built = new Savepoint(project);
  }

  /** Everything as it was when it was built. */
  restore(): Promise<void> {
    return this.#built.restore();
  }

  close(): Promise<void> {
    this.#built.remove();
    return this.project.close();
  }

  /** Makes calls of plug-ins go wrong; once, unless told otherwise. */
  async fault(pattern: string, fault: Partial<Fault> = {}): Promise<void> {
    await this.project.rack((rack) => addFault(rack, { pattern, behaviour: "fail", remaining: 1, ...fault }));
  }

  async noFaults(): Promise<void> {
    await this.project.rack((rack) => clearFaults(rack));
  }

  /** A command of the lab, e.g. `power off pve-ms01-01`. */
  async lab(command: string): Promise<void> {
    await this.project.lab(command);
  }

  /** What was asked of the plug-ins since, previews left out. */
  async callsSince(seq: number): Promise<JournalEntry[]> {
    return (await this.project.journal()).filter((entry) => entry.seq > seq && !entry.preview);
  }

  /** Number of the last call. */
  async lastCall(): Promise<number> {
    return (await this.project.journal()).at(-1)?.seq ?? 0;
  }

  /** URN of a resource in the state. */
  async urnOf(name: string): Promise<string> {
    const found = (await this.project.resources()).find(({ urn }) => urn.endsWith(`::${name}`));
    assert.ok(found, `${name} is not in the state`);
    return found.urn;
  }

  /** Names of the machines that Proxmox has, sorted. */
  async machines(): Promise<string[]> {
    return (await this.project.status()).vms.map((vm) => `${vm.vmid} ${vm.name}`).sort();
  }
}

/** Holds a run to have ended well. */
export function succeeded(run: Run): Run {
  assert.equal(run.code, 0, run.output);
  return run;
}

/** Holds a run to have failed with words a person can go by. */
export function failed(run: Run, ...words: RegExp[]): Run {
  assert.notEqual(run.code, 0, "the run went through");
  const diagnostics = run.output.slice(Math.max(0, run.output.indexOf("Diagnostics:")));
  for (const word of words) assert.match(diagnostics, word);
  return run;
}

/** Operations on resources whose name holds one of the texts. */
export function operationsOn(run: Run, ...texts: string[]): string[] {
  return run.operations.filter((operation) => texts.some((text) => operation.includes(text)));
}
