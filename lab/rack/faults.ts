// Faults that a person or a test injects into the answers of the plug-ins. What breaks in the hardware itself (a cable, a disk) is not
// a fault in this sense: it is a change of the rack.
import type { Call } from "./journal.ts";
import type { Rack } from "./store.ts";

/**
 * What happens to a call that a fault matches:
 * - `fail`: nothing is done, the error is given
 * - `hang`: nothing is done and no answer comes, for `ms` if given (then it fails), else until the plug-in gives up or the run is cancelled
 * - `slow`: it is done, `ms` later
 * - `partial`: it is done, but reported as not initialised (create and update only)
 * - `late`: it is done at once, and the answer comes `ms` later, or when the run is cancelled
 * - `answer-lost`: it is done, and the connection breaks before the answer; a plug-in that makes such a call again does so
 * - `crash-before`, `crash-after`: the plug-in dies before or after doing it
 *
 * Commands that scripts run in the cluster can be hit as well: `run linstor node interface create *`. What it means there stands in
 * command-faults.ts.
 */
export type Behaviour = "fail" | "hang" | "slow" | "late" | "partial" | "answer-lost" | "crash-before" | "crash-after";

/** All of them, for the command line. */
export const BEHAVIOURS: readonly Behaviour[] = [
  "fail",
  "hang",
  "slow",
  "late",
  "partial",
  "answer-lost",
  "crash-before",
  "crash-after",
];

/** A fault that waits for its calls. */
export interface Fault {
  /** Matched against `<operation> <token> <name>`, or `run <command line>`; `*` stands for any text, e.g. `create *VmLegacy talos-*`. */
  readonly pattern: string;
  readonly behaviour: Behaviour;
  /** How many calls it hits; -1 = all, until it is removed. */
  readonly remaining: number;
  /** Text of the error. */
  readonly text?: string | undefined;
  /** Milliseconds, real ones. */
  readonly ms?: number | undefined;
}

function matches(pattern: string, subject: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(subject);
}

/** Adds a fault; returns its number. */
export function addFault(rack: Rack, fault: Fault): number {
  const { pattern, behaviour, remaining, text, ms } = fault;
  const statement = rack.sql("INSERT INTO fault (pattern, behaviour, remaining, text, ms) VALUES (?, ?, ?, ?, ?)");
  return Number(statement.run(pattern, behaviour, remaining, text ?? null, ms ?? null).lastInsertRowid);
}

/** Removes one fault, or all of them. */
export function clearFaults(rack: Rack, seq?: number): void {
  if (seq === undefined) rack.sql("DELETE FROM fault").run();
  else rack.sql("DELETE FROM fault WHERE seq = ?").run(seq);
}

/** Faults that still wait, oldest first. */
export function listFaults(rack: Rack): (Fault & { seq: number })[] {
  return rack
    .sql("SELECT * FROM fault ORDER BY seq")
    .all()
    .map((row) => ({
      seq: Number(row["seq"]),
      pattern: String(row["pattern"]),
      behaviour: String(row["behaviour"]) as Behaviour,
      remaining: Number(row["remaining"]),
      text: row["text"] === null ? undefined : String(row["text"]),
      ms: row["ms"] === null ? undefined : Number(row["ms"]),
    }));
}

/** The first fault that hits this call, counted down; undefined when none does. */
export function takeFault(rack: Rack, call: Pick<Call, "operation" | "token" | "name">): Fault | undefined {
  return takeFaultFor(rack, `${call.operation} ${call.token} ${call.name}`);
}

/** The same for anything that can be hit, by what patterns are matched against. */
export function takeFaultFor(rack: Rack, subject: string): Fault | undefined {
  // Looked at first without a transaction: nearly always there is none, and reading does not wait for writers.
  if (listFaults(rack).length === 0) return undefined;
  return rack.transaction(() => {
    const hit = listFaults(rack).find((fault) => fault.remaining !== 0 && matches(fault.pattern, subject));
    if (hit && hit.remaining > 0) rack.sql("UPDATE fault SET remaining = remaining - 1 WHERE seq = ?").run(hit.seq);
    return hit;
  });
}
