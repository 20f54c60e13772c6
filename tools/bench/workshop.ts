// The temporary folder of one run of the benchmarks, and the projects in it; each is made once, when it is first asked for.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { prepareRack } from "../../lab/prepare.ts";
import { splitArguments } from "../engine/language-host/split-arguments.ts";
import { largeDescription } from "./large-environment.ts";
import { asTheSdkComes } from "./probe.ts";
import { BenchProject, createdIn, type ProjectOptions } from "./project.ts";

const sdkOnly = 'import "@pulumi/pulumi";\n';

/** A program of so many bare components, the stack included. */
function bareProgram(resources: number): string {
  return `import * as pulumi from "@pulumi/pulumi";
for (let index = 1; index < ${resources}; index += 1) new pulumi.ComponentResource("bench:index:Bare", \`bare-\${index}\`);
`;
}

/** Projects to measure. */
export class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), "homelab-bench-"));
  readonly #projects = new Map<string, Promise<BenchProject>>();
  readonly #say: (text: string) => void;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A program that loads the SDK and declares nothing. */
  empty(): Promise<BenchProject> {
    return this.#once("empty", { stack: "empty", program: sdkOnly });
  }

  /** The same with the SDK as it comes: nothing of ours makes it any faster. */
  untouched(): Promise<BenchProject> {
    const nodeArguments = (given: string) => asTheSdkComes(splitArguments(given)).join(" ");
    return this.#once("untouched", { stack: "empty", program: sdkOnly, nodeArguments });
  }

  bare(resources: number): Promise<BenchProject> {
    return this.#once(`bare-${resources}`, { stack: "bare", program: bareProgram(resources) });
  }

  /** The homelab on its simulated rack; `name` tells several of them apart. */
  homelab(name = "homelab", options: Omit<ProjectOptions, "stack"> = {}): Promise<BenchProject> {
    return this.#once(name, { stack: "lab", ...options }, (project) => prepareRack("lab", project.folder).rack.close());
  }

  /** A generated description of so many hosts with a node each, on its simulated rack. */
  generated(nodes: number): Promise<BenchProject> {
    const files = {
      "Pulumi.rack.yaml": stringify({ config: { "homelab:environment": largeDescription(nodes) } }),
      "Pulumi.rack-lab.yaml": stringify({ config: { "homelab:simulation": { environment: "rack", rack: "rack" } } }),
    };
    return this.#once(`generated-${nodes}`, { stack: "rack-lab", files }, (project) =>
      prepareRack("rack-lab", project.folder).rack.close(),
    );
  }

  /** How many resources the program of a project has. */
  async count(project: BenchProject): Promise<number> {
    return createdIn(await project.preview());
  }

  #once(
    name: string,
    options: ProjectOptions,
    furnish: (project: BenchProject) => void = () => {},
  ): Promise<BenchProject> {
    const known = this.#projects.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name, options, furnish);
    this.#projects.set(name, made);
    return made;
  }

  async #make(name: string, options: ProjectOptions, furnish: (project: BenchProject) => void): Promise<BenchProject> {
    this.#say(`preparing ${name}`);
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    const project = await BenchProject.create(folder, options);
    project.inRack(() => furnish(project));
    project.markStart();
    return project;
  }
}
