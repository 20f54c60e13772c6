// Time on the rack. Everything that takes a while (an image that is pulled, a controller that starts) is ready at a moment of this
// clock. With a latency scale of 0 nobody sleeps: the clock stands still until somebody waits, and then jumps to that moment, so the
// order of things is kept.
import type { Rack } from "./store.ts";

interface ClockBody {
  /** Simulated milliseconds at `realMs`. */
  readonly simulatedMs: number;
  readonly realMs: number;
  /** The scale that applied since then. */
  readonly scale: number;
  /** How far the calendar was turned, for certificates. */
  readonly calendarShiftMs: number;
  /** How far the operator's own clock is ahead of everybody else's. @default - 0 */
  readonly operatorAheadMs?: number;
}

const CLOCK = "clock";

function read(rack: Rack): ClockBody {
  const { latencyScale } = rack.settings;
  const body = rack.collection<ClockBody>("settings").get(CLOCK);
  if (body?.scale === latencyScale) return body;
  const base = body ?? { simulatedMs: 0, realMs: Date.now(), scale: latencyScale, calendarShiftMs: 0 };
  const rebased = { ...base, simulatedMs: elapsed(base), realMs: Date.now(), scale: latencyScale };
  rack.collection<ClockBody>("settings").put(CLOCK, rebased);
  return rebased;
}

function elapsed(body: ClockBody): number {
  return body.simulatedMs + (body.scale > 0 ? (Date.now() - body.realMs) / body.scale : 0);
}

/** Simulated milliseconds since the rack was put up. Never goes back. */
export function simulatedNow(rack: Rack): number {
  return elapsed(read(rack));
}

/** Lets the clock jump to a moment, where nobody sleeps (scale 0); otherwise time has to pass by itself. */
export function jumpTo(rack: Rack, simulatedMs: number): void {
  const body = read(rack);
  if (body.scale === 0 && simulatedMs > body.simulatedMs)
    rack.collection<ClockBody>("settings").put(CLOCK, { ...body, simulatedMs });
}

/** The date on the rack, as certificates see it. */
export function calendar(rack: Rack): Date {
  return new Date(Date.now() + read(rack).calendarShiftMs);
}

/** Turns the calendar, e.g. to the day after a certificate has expired. */
export function shiftCalendar(rack: Rack, days: number): void {
  const body = read(rack);
  rack
    .collection<ClockBody>("settings")
    .put(CLOCK, { ...body, calendarShiftMs: body.calendarShiftMs + days * 86_400_000 });
}

/** The date on the machine that Pulumi runs on: what the plug-ins there issue begins then. */
export function operatorCalendar(rack: Rack): Date {
  return new Date(calendar(rack).getTime() + operatorAheadMs(rack));
}

/** Milliseconds that the operator's clock is ahead of the rack's; negative: behind. */
export function operatorAheadMs(rack: Rack): number {
  return read(rack).operatorAheadMs ?? 0;
}

/** Sets the operator's clock wrong, or right again with 0. */
export function setOperatorAhead(rack: Rack, minutes: number): void {
  rack.collection<ClockBody>("settings").put(CLOCK, { ...read(rack), operatorAheadMs: minutes * 60_000 });
}

/** What a machine's installation, the slowest single thing that others wait for, takes at most. */
const SLOWEST_MS = 120_000;

/**
 * Real milliseconds that anybody waits for something that may still come: its own timeout, but no longer than the rack's patience,
 * which grows with the scale so that it outlasts what really takes that long.
 */
export function waitLimitMs(rack: Rack, timeoutSec: number): number {
  const { latencyScale, patienceMs } = rack.settings;
  if (latencyScale === 0) return patienceMs;
  return Math.min(timeoutSec * 1000 * latencyScale, Math.max(patienceMs, SLOWEST_MS * latencyScale));
}
