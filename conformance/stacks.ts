// The descriptions that are held against the real components: every stack that stands for hardware. A simulated twin reads the same one.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { loadStack } from "../config/load.ts";
import type { Plan } from "../plan/plan.ts";

const repository = join(import.meta.dirname, "..");

/** A stack and its plan. */
export interface PlannedStack {
  readonly stack: string;
  readonly plan: Plan;
}

/** All stacks of real hardware, sorted. */
export function hardwareStacks(): PlannedStack[] {
  return readdirSync(repository)
    .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
    .sort()
    .map((stack) => loadStack(repository, stack))
    .filter((loaded) => loaded.simulation === undefined)
    .map(({ stack, plan }) => ({ stack, plan }));
}
