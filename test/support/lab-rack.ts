// A furnished rack in a directory of its own, for tests of what runs on it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runRemoteScript } from "../../lab/host/remote-script.ts";
import type { Outputs } from "../../lab/host/script-outputs.ts";
import { furnish } from "../../lab/prepare.ts";
import { createRack, type Rack } from "../../lab/rack/store.ts";
import type { Plan } from "../../plan/plan.ts";
import { homelabPlan } from "./homelab-plan.ts";

/** A rack and its plan; `close` removes it. */
export interface LabRack {
  readonly rack: Rack;
  readonly plan: Plan;
  /** Runs a script on a host of the plan, by name. */
  on(host: string, script: string, stdin?: string): Promise<Outputs>;
  /** What the rack remembers, but for journal and faults. */
  snapshot(): string;
  close(): void;
}

/** A plan's hardware, the homelab's unless told otherwise, with Proxmox VE freshly installed. Nothing waits for anything. */
export function labRack(name = "test", plan = homelabPlan()): LabRack {
  const home = mkdtempSync(join(tmpdir(), "lab-rack-"));
  const before = process.env["RACK_HOME"];
  process.env["RACK_HOME"] = home;
  const rack = createRack(name);
  rack.settings = { latencyScale: 0, patienceMs: 0 };
  furnish(rack, plan);
  const address = (host: string) => plan.hosts.find((candidate) => candidate.name === host)?.managementAddress ?? host;
  return {
    rack,
    plan,
    on: (host, script, stdin) =>
      runRemoteScript(rack, { connection: { host: address(host), privateKey: "key" }, script, stdin }),
    snapshot: () =>
      JSON.stringify(rack.sql("SELECT kind, id, body FROM document WHERE kind <> 'settings' ORDER BY kind, id").all()),
    close() {
      rack.close();
      if (before === undefined) delete process.env["RACK_HOME"];
      else process.env["RACK_HOME"] = before;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
