// The homelab with a USB4 ring, planned.
import assert from "node:assert/strict";
import { environmentSchema } from "../../config/schema.ts";
import type { Plan, RingPlan } from "../../plan/plan.ts";
import { planEnvironment } from "../../plan/plan-environment.ts";
import { rawEnvironment, withChanges } from "./configs.ts";
import { homelabRing } from "./homelab-ring.ts";

/** The plan; `ring` is never missing. */
export function ringPlan(): Plan & { readonly ring: RingPlan } {
  const { plan } = planEnvironment(environmentSchema.parse(withChanges(rawEnvironment(), homelabRing)));
  const { ring } = plan;
  assert.ok(ring);
  return { ...plan, ring };
}
