// `npm run lab`: the simulated rack's command line.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { runLab } from "../lab/cli/main.ts";
import { REPOSITORY } from "./engine/engine-version.ts";
import { labFolders } from "./engine/lab-environment.ts";
import { labStacks } from "./engine/lab-stacks.ts";
import { stateLocks } from "./engine/state-lock.ts";

const folders = labFolders();
process.env["RACK_HOME"] = folders.racks;

function workerOn(stack: string): string | undefined {
  const project = String((parse(readFileSync(join(REPOSITORY, "Pulumi.yaml"), "utf8")) as { name: string }).name);
  const lock = stateLocks(folders.state, project, stack).find(({ alive }) => alive);
  return lock && `process ${lock.pid} since ${lock.since}`;
}

process.exitCode = await runLab(process.argv.slice(2), {
  directory: REPOSITORY,
  stacks: labStacks(),
  workerOn,
  print: (text) => console.log(text),
  complain: (text) => console.error(text),
});
