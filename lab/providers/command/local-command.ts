// command:local:Command: a script on this machine. It is no business of the rack, but the plug-in that stands in for the official one
// has to answer for all of it; so it runs only where a rack is named in its environment (RACK=<rack>.rack.invalid).
import { spawn } from "node:child_process";
import type { Outputs } from "../../host/remote-script.ts";
import { resource } from "../../plugin/contract.ts";
import { rackNameFromHost } from "../../rack/rack-name.ts";
import { type ScriptInputs, type ScriptState, scriptResource } from "./script-resource.ts";

interface LocalCommand extends ScriptInputs {
  readonly interpreter?: string[];
  readonly dir?: string;
  readonly stdin?: string;
}

function runLocally(inputs: LocalCommand, script: string, environment: Record<string, string>): Promise<Outputs> {
  const [program = "/bin/sh", ...args] = inputs.interpreter ?? ["/bin/sh", "-c"];
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    let both = "";
    const child = spawn(program, [...args, script], {
      env: { ...process.env, ...environment },
      ...(inputs.dir === undefined ? {} : { cwd: inputs.dir }),
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      both += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      both += text;
    });
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (status === 0) resolve({ stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") });
      else
        reject(
          new Error(
            `${signal === null ? `exit status ${status}` : `signal: ${signal}`}: running ${JSON.stringify(script)}:\n${both}`,
          ),
        );
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(inputs.stdin ?? "");
  });
}

export const localCommand = resource<LocalCommand, ScriptState<LocalCommand>, true>(
  scriptResource<LocalCommand>(
    (_context, inputs, script, environment) => runLocally(inputs, script, environment),
    (inputs) => rackNameFromHost(inputs.environment?.["RACK"], "environment.RACK", "<rack>.rack.invalid"),
  ),
);
