// The few settings of a simulated twin: whose description it reads, and how fast and how faulty its rack is.
import { z } from "zod";

/** What a credential of a simulated rack is when nobody configured one. */
export const simulatedSecret = "simulated";

/** `homelab:simulation` of a twin's stack file. */
export const simulationSchema = z.strictObject({
  environment: z.string().describe("stack whose description is built, e.g. homelab"),
  rack: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .describe("name of the simulated rack"),
  operator: z.string().default("192.168.1.10").describe("address of the operator's machine, behind the router"),
  latencyScale: z.number().min(0).max(1).default(0).describe("1: operations take as long as on hardware; 0: no time"),
});

/** A twin's settings. */
export type Simulation = z.output<typeof simulationSchema>;
