// The scripts that run in LINSTOR's Jobs, as the three MS-01 get them.
import { renderCreatePaths, renderVerifyPaths } from "../../components/linstor/paths.ts";
import { renderRegisterInterfaces } from "../../components/linstor/register-interfaces.ts";
import type { LinstorPlan } from "../../plan/plan.ts";
import { ms01Plan } from "./homelab-plan.ts";

/** By what they do. */
export function everyLinstorScript(): Readonly<Record<"register" | "create" | "verify", string>> {
  const plan = { ...(ms01Plan().linstor as LinstorPlan), method: "cli" as const };
  return {
    register: renderRegisterInterfaces({ interfaces: plan.interfaces, tries: 2 }),
    create: renderCreatePaths(plan),
    verify: renderVerifyPaths(plan),
  };
}
