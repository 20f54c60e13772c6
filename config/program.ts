// What index.ts starts from: the stack's plan and how to reach its rack. The only reader of Pulumi's configuration.
import * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../plan/plan.ts";
import { PlanError, renderFinding } from "../plan/problems.ts";
import { type Connections, realConnections, simulatedConnections } from "./connections.ts";
import { loadStack } from "./load.ts";
import { checkReachable } from "./reachable.ts";

const answerTimeoutMs = 5000;

/**
 * Loads the running stack. Warnings go to Pulumi's log.
 * @throws pulumi.RunError with every problem at once, before anything is registered
 */
export async function loadProgram(): Promise<{ plan: Plan; connections: Connections }> {
  const stack = pulumi.getStack();
  const config = new pulumi.Config();
  try {
    const loaded = loadStack(process.cwd(), stack, config.getObject("environment"));
    const connections =
      loaded.simulation === undefined
        ? realConnections(loaded.plan, config, stack)
        : simulatedConnections(loaded.simulation, config);
    if (loaded.simulation === undefined && loaded.plan.platform === "proxmox") {
      const problem = await checkReachable("the Proxmox API", connections.proxmox.endpoint, answerTimeoutMs);
      if (problem !== undefined) throw new PlanError([problem], loaded.file);
    }
    for (const problem of loaded.problems.filter((p) => p.severity === "warning"))
      await pulumi.log.warn(renderFinding(problem, loaded.lineOf));
    return { plan: loaded.plan, connections };
  } catch (error) {
    // A RunError is shown as its message alone: a person's mistake needs no stack trace.
    if (error instanceof PlanError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
