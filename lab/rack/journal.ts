// Every call that a plug-in answers, in order: what tests count, and what crash sweeps walk through.
import type { Rack } from "./store.ts";

/** `running`: no answer was given (yet); the plug-in may have been killed. `fault`: failed because a fault was injected. */
type Outcome = "running" | "ok" | "failed" | "fault";

/** What the engine asks of a plug-in. */
export type Operation = "configure" | "check" | "diff" | "create" | "read" | "update" | "delete" | "invoke";

/** What identifies a call before it is answered. */
export interface Call {
  readonly provider: string;
  readonly operation: Operation;
  /** True where the engine only asks what would happen. */
  readonly preview: boolean;
  /** Type of the resource, or the function's token. */
  readonly token: string;
  /** The resource's name in the program; empty for functions and configuration. */
  readonly name: string;
  readonly id?: string | undefined;
}

/** A call and how it ended. */
export interface JournalEntry extends Call {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly outcome: Outcome;
  readonly message: string | undefined;
}

/** Notes that a call has arrived; returns the number to end it with. */
export function beginCall(rack: Rack, call: Call): number {
  const statement = rack.sql(
    "INSERT INTO journal (startedAt, provider, operation, preview, token, name, id, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, 'running')",
  );
  const { provider, operation, preview, token, name, id } = call;
  return Number(
    statement.run(Date.now(), provider, operation, preview ? 1 : 0, token, name, id ?? null).lastInsertRowid,
  );
}

/** Notes how a call ended; `id` where the resource got one by it. */
export function endCall(rack: Rack, seq: number, outcome: Outcome, message?: string, id?: string): void {
  rack
    .sql("UPDATE journal SET endedAt = ?, outcome = ?, message = ?, id = COALESCE(?, id) WHERE seq = ?")
    .run(Date.now(), outcome, message ?? null, id ?? null, seq);
}

/** All calls, oldest first; `after` leaves out those up to that number. */
export function readJournal(rack: Rack, after = 0): JournalEntry[] {
  const rows = rack.sql("SELECT * FROM journal WHERE seq > ? ORDER BY seq").all(after);
  return rows.map((row) => ({
    seq: Number(row["seq"]),
    startedAt: Number(row["startedAt"]),
    endedAt: row["endedAt"] === null ? undefined : Number(row["endedAt"]),
    provider: String(row["provider"]),
    operation: String(row["operation"]) as Operation,
    preview: row["preview"] === 1,
    token: String(row["token"]),
    name: String(row["name"]),
    id: row["id"] === null ? undefined : String(row["id"]),
    outcome: String(row["outcome"]) as Outcome,
    message: row["message"] === null ? undefined : String(row["message"]),
  }));
}
