// `lab prepare` puts the hardware in; `lab reset` clears the rack, and what Pulumi remembers of the stack on it.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { prepareRack } from "../prepare.ts";
import { rackHome } from "../rack/store.ts";
import type { Bench, LabCommand } from "./lab-command.ts";
import { UsageError } from "./usage-error.ts";

export const prepare: LabCommand = {
  usage: ["lab prepare [<rack>]"],
  takesRackName: true,
  summary: "puts in the hardware that the description has",
  run(bench, _line, print) {
    const { rack, added, removed, kept } = prepareRack(bench.stack, bench.directory);
    rack.close();
    print(`rack ${bench.rackName}: ${added.length > 0 ? `put in ${added.join(", ")}` : "all hosts were there"}`);
    if (removed.length > 0) print(`taken out: ${removed.join(", ")}`);
    for (const { host, carries } of kept) print(`kept ${host}, which still carries ${carries.join(", ")}`);
    return 0;
  },
};

/** Pulumi's own record of the stack. */
function stateFiles(bench: Bench): string[] {
  const state = join(rackHome(), "state");
  const project = String((parse(readFileSync(join(bench.directory, "Pulumi.yaml"), "utf8")) as { name: string }).name);
  const file = join(state, ".pulumi", "stacks", project, `${bench.stack}.json`);
  return [file, `${file}.bak`, `${file}.attrs`, `${file}.bak.attrs`];
}

export const reset: LabCommand = {
  usage: ["lab reset [<rack>]"],
  takesRackName: true,
  summary: "clears the rack, and what Pulumi remembers of it",
  run(bench, _line, print) {
    const worker = bench.workerOn(bench.stack);
    if (worker !== undefined)
      throw new UsageError(`stack ${bench.stack} is being worked on by ${worker}; wait for it to end`);
    const folder = join(rackHome(), bench.rackName);
    // Only what a rack consists of is removed, whatever RACK_HOME was set to.
    const isRack = existsSync(join(folder, "rack.sqlite"));
    if (isRack) rmSync(folder, { recursive: true, force: true });
    const known = stateFiles(bench).filter((file) => existsSync(file));
    for (const file of known) rmSync(file, { force: true });
    print(
      isRack || known.length > 0
        ? `rack ${bench.rackName} is empty (${dirname(folder)})`
        : `rack ${bench.rackName} was empty already`,
    );
    return 0;
  },
};
