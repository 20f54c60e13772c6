// The plan of the homelab as the repository describes it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { environmentSchema } from "../../config/schema.ts";
import type { Plan } from "../../plan/plan.ts";
import { planEnvironment } from "../../plan/plan-environment.ts";

/** Plans `Pulumi.homelab.yaml`. */
export const homelabPlan = (): Plan => stackPlan("homelab");

/** Plans `Pulumi.ms01.yaml`. */
export const ms01Plan = (): Plan => stackPlan("ms01");

function stackPlan(stack: string): Plan {
  const file = readFileSync(join(import.meta.dirname, `../../Pulumi.${stack}.yaml`), "utf8");
  const config = (parse(file) as { config: Record<string, unknown> }).config;
  const { plan, problems } = planEnvironment(environmentSchema.parse(config["homelab:environment"]));
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length > 0) throw new Error(`the description of ${stack} is wrong: ${JSON.stringify(errors)}`);
  return plan;
}
