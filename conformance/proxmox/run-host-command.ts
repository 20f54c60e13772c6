// Runs one of a graph's commands on a simulated host: `run-host-command.ts <rack> <commands.json> <name> [delete]`. What it prints is kept beside the
// file, for the commands that read it.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runRemoteScript } from "../../lab/host/remote-script.ts";
import { openRack } from "../../lab/rack/store.ts";
import { type HostCommand, outputsIn } from "./graph.ts";

const [, , rackName = "", file = "", name = "", step = "create"] = process.argv;
const commands = JSON.parse(readFileSync(file, "utf8")) as Record<string, HostCommand>;
const command = commands[name];
if (command === undefined) throw new Error(`${file} has no command ${name}`);

const script = step === "delete" ? (command.undo ?? ":") : command.script;
const outputFile = (of: string): string => join(dirname(file), `${of}.stdout`);
const filledIn = (text: string): string =>
  outputsIn(text).reduce((filled, of) => filled.replace(`@stdout(${of})@`, readFileSync(outputFile(of), "utf8")), text);

const rack = openRack(rackName);
try {
  const { stdout } = await runRemoteScript(rack, {
    connection: { host: command.address, privateKey: "simulated" },
    script: filledIn(script),
    stdin: command.stdin === undefined ? undefined : filledIn(command.stdin),
  });
  writeFileSync(outputFile(name), stdout);
} finally {
  rack.close();
}
