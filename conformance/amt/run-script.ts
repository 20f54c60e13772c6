// Runs the script of a first boot as the operator's machine does, with its real curl; what answers for Talos and Kubernetes is a file that
// appears when the machine is on.
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture } from "../../tools/engine/run-command.mjs";
import type { Ended } from "./clients.ts";

/** An operator's machine: `run` runs a script there, `machineIsOn` lets Talos answer. */
export interface OperatorStandIn {
  run(script: string, variables: Readonly<Record<string, string>>): Promise<Ended>;
  machineIsOn(): void;
  close(): void;
}

/** Makes one. */
export function operatorStandIn(): OperatorStandIn {
  const folder = mkdtempSync(join(tmpdir(), "operator-"));
  const tool = (name: string, text: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const on = join(folder, "on");
  tool("talosctl", `case "$*" in *--insecure*) [ -e '${on}' ] ;; *) exit 1 ;; esac`);
  tool("kubectl", "exit 1");
  tool("sleep", ":");
  return {
    run: (script, variables) =>
      capture("sh", ["-c", script], {
        env: {
          PATH: `${folder}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
          TALOSCONFIG_TEXT: "context: none",
          CONTROL_PLANES: "127.0.0.1",
          NODE_NAME: "node-a",
          NODE_ADDRESS: "127.0.0.1",
          ...variables,
        },
      }),
    machineIsOn() {
      if (!existsSync(on)) writeFileSync(on, "");
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
