// One call, from arrival to answer: journal, injected faults, simulated latency, one transaction, and waiting for what is not there yet.
import { setTimeout as sleep } from "node:timers/promises";
import { waitLimitMs } from "../rack/clock.ts";
import { type Fault, takeFault } from "../rack/faults.ts";
import { beginCall, type Call, endCall } from "../rack/journal.ts";
import type { Rack } from "../rack/store.ts";
import { type GivesUp, InitializationFailed, NotYet, type Retry } from "./contract.ts";

/** What the kernel needs to know of one call. */
interface Work<T> {
  readonly call: Call;
  /** Simulated duration in milliseconds, before the rack's scale. */
  readonly latencyMs: number;
  /** Whether the work runs outside of a transaction. */
  readonly outside: boolean;
  /** Aborted when the run is cancelled. */
  readonly cancelled: AbortSignal;
  run(): T | Promise<T>;
  /** The id that the result carries, for the journal. */
  idOf?(result: T): string | undefined;
  /** What is tried again by the plug-in itself. */
  readonly retries?: readonly Retry[] | undefined;
  /** When the plug-in gives up on an answer. @default - never */
  readonly givesUp?: GivesUp | undefined;
  /** Turns a result into the failure that a `partial` fault reports. */
  asPartial?(result: T, reason: string): InitializationFailed;
}

/** An error that was injected. */
class FaultError extends Error {}

const SERVER_ERROR = "received an HTTP 500 response - Reason: Internal Server Error";
const ANSWER_LOST = "unexpected EOF: connection reset by peer";
const POLL_MS = 50;
// As after `kill -9`.
const KILLED = 137;

async function pause(ms: number, cancelled: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  try {
    await sleep(ms, undefined, { signal: cancelled });
  } catch {
    throw new Error("the operation was cancelled");
  }
}

function faultText(fault: Fault, otherwise: string): string {
  return fault.text ?? otherwise;
}

const FOREVER_MS = 2 ** 31 - 1;

/** How long a call hangs that nothing answers: until the plug-in gives up, or until the run is cancelled. */
function hangMs(rack: Rack, { givesUp }: Work<unknown>): number {
  return givesUp === undefined ? FOREVER_MS : waitLimitMs(rack, givesUp.afterSec);
}

async function applyBefore(rack: Rack, fault: Fault | undefined, work: Work<unknown>): Promise<void> {
  switch (fault?.behaviour) {
    case "fail":
      throw new FaultError(faultText(fault, SERVER_ERROR));
    case "crash-before":
      return process.exit(KILLED);
    case "slow":
      return pause(fault.ms ?? 1_000, work.cancelled);
    case "hang": {
      await pause(fault.ms ?? hangMs(rack, work), work.cancelled);
      throw new FaultError(faultText(fault, work.givesUp?.error ?? "context deadline exceeded"));
    }
  }
}

function applyAfter<T>(fault: Fault | undefined, work: Work<T>, result: T): void {
  if (fault?.behaviour === "crash-after") process.exit(KILLED);
  if (fault?.behaviour === "answer-lost") throw new FaultError(faultText(fault, ANSWER_LOST));
  if (fault?.behaviour === "partial" && work.asPartial)
    throw work.asPartial(result, faultText(fault, "injected: not initialised"));
}

type Attempt<T> = { result: T } | { partial: InitializationFailed };

/** What a partial failure did is kept, so it must not leave the transaction as an exception. */
async function attempt<T>(rack: Rack, work: Work<T>, seq: number): Promise<Attempt<T>> {
  // In the same transaction as what was done: a plug-in that is killed right afterwards must not leave a thing nobody knows of.
  const note = (result: T): Attempt<T> => {
    endCall(rack, seq, "ok", undefined, work.idOf?.(result));
    return { result };
  };
  const run = (): Attempt<T> | Promise<Attempt<T>> => {
    try {
      const result = work.run();
      return result instanceof Promise ? result.then(note) : note(result);
    } catch (error) {
      if (error instanceof InitializationFailed) return { partial: error };
      throw error;
    }
  };
  return work.outside ? run() : rack.transaction(run);
}

async function attemptUntilDone<T>(rack: Rack, work: Work<T>, seq: number): Promise<Attempt<T>> {
  const started = Date.now();
  for (;;) {
    try {
      return await attempt(rack, work, seq);
    } catch (error) {
      if (!(error instanceof NotYet)) throw error;
      if (Date.now() - started >= waitLimitMs(rack, error.timeoutSec)) throw error;
      await pause(POLL_MS, work.cancelled);
    }
  }
}

/** The fault that hits a call after the plug-in has tried again as often as the official one does. */
function takeLasting(rack: Rack, work: Work<unknown>): Fault | undefined {
  let fault = takeFault(rack, work.call);
  for (let tries = 1; fault?.behaviour === "fail"; tries += 1) {
    if (tries >= triesFor(work, faultText(fault, SERVER_ERROR))) break;
    fault = takeFault(rack, work.call);
  }
  return fault;
}

/** How often the plug-in makes a call that ends with this error. */
function triesFor({ call, retries = [] }: Work<unknown>, text: string): number {
  const subject = `${call.operation} ${call.token}`;
  return retries.find((rule) => rule.call.test(subject) && rule.error.test(text))?.tries ?? 1;
}

/** Whether the plug-in, which has no answer, makes the call again: what was done once is asked for twice. */
const isAskedAgain = (fault: Fault | undefined, work: Work<unknown>): boolean =>
  fault?.behaviour === "answer-lost" && triesFor(work, faultText(fault, ANSWER_LOST)) > 1;

/** Carries out one call on the rack. */
export async function operate<T>(rack: Rack, work: Work<T>): Promise<T> {
  const seq = beginCall(rack, work.call);
  try {
    let fault = takeLasting(rack, work);
    await pause(work.latencyMs * rack.settings.latencyScale, work.cancelled);
    await applyBefore(rack, fault, work);
    let outcome = await attemptUntilDone(rack, work, seq);
    if (isAskedAgain(fault, work)) {
      outcome = await attemptUntilDone(rack, work, seq);
      fault = undefined;
    }
    if ("partial" in outcome) throw outcome.partial;
    // What is done is done: a run that is cancelled meanwhile gets the answer at once.
    if (fault?.behaviour === "late") await pause(fault.ms ?? 1_000, work.cancelled).catch(() => {});
    applyAfter(fault, work, outcome.result);
    return outcome.result;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    endCall(rack, seq, error instanceof FaultError ? "fault" : "failed", message);
    throw error;
  }
}
