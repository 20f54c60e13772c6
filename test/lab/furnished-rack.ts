// A rack of its own for each test, furnished as the homelab is, and plug-ins that drive it without an engine.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Provider } from "../../lab/plugin/contract.ts";
import { Kernel, type Subject } from "../../lab/plugin/kernel.ts";
import type { Properties } from "../../lab/plugin/wire.ts";
import { furnish } from "../../lab/prepare.ts";
import { createRack, type Rack } from "../../lab/rack/store.ts";
import type { Plan } from "../../plan/plan.ts";
import { homelabPlan } from "../support/homelab-plan.ts";

export interface FurnishedRack {
  readonly rack: Rack;
  readonly plan: Plan;
  close(): void;
}

/** Puts up a plan's hardware in a temporary place. @param plan default: the homelab's */
export function furnishedRack(plan: Plan = homelabPlan()): FurnishedRack {
  const before = process.env["RACK_HOME"];
  const home = mkdtempSync(join(tmpdir(), "rack-"));
  process.env["RACK_HOME"] = home;
  const rack = createRack("test");
  furnish(rack, plan);
  rack.settings = { latencyScale: 0, patienceMs: 200 };
  return {
    rack,
    plan,
    close() {
      rack.close();
      rmSync(home, { recursive: true });
      if (before === undefined) delete process.env["RACK_HOME"];
      else process.env["RACK_HOME"] = before;
    },
  };
}

/** A plug-in under test: each call as the engine makes it, with Check before Create. */
export class Plugin {
  readonly kernel: Kernel;

  constructor(provider: Provider, config: Properties) {
    this.kernel = new Kernel(provider);
    this.kernel.configure(config);
  }

  static subject(token: string, name = "one"): Subject {
    return { token, name, urn: `urn:pulumi:test::test::${token}::${name}` };
  }

  /** Checks and creates; throws with the first thing that is refused. */
  async create(token: string, inputs: Properties): Promise<{ id: string; inputs: Properties; outputs: Properties }> {
    const subject = Plugin.subject(token);
    const checked = await this.kernel.check(subject, inputs, {});
    const [failure] = checked.failures;
    if (failure) throw new Error(`${failure.property}: ${failure.reason}`);
    return { inputs: checked.inputs, ...(await this.kernel.create(subject, checked.inputs, false)) };
  }
}
