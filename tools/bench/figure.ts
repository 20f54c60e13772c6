// One line of the benchmark's table, and whether it is as it should be.
import type { Reading } from "./statistics.ts";

/** A figure, measured. */
export interface Figure {
  /** What is compared with what. */
  readonly title: string;
  readonly reading: Reading;
  /** The same of processor time, which a busy machine disturbs least. */
  readonly cpu?: Reading;
  /** At most this; absent where the figure only informs. */
  readonly target?: number;
  /** What the ratio was made of, for whoever wants to know. */
  readonly detail?: string;
}

/** A figure that could not be taken, and why. */
export interface SkippedFigure {
  readonly title: string;
  readonly skipped: string;
}

/** Whether a figure meets its target; undefined where it has none. */
export function meetsTarget({ reading, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  // Compared as it is printed: 1.004 is shown as 1.00, and must not stand there as a miss of 1.00.
  return Number(reading.best.toFixed(2)) <= target;
}

/** Milliseconds of several series in words, smallest of each: `empty 1.21 s, homelab 2.31 s`. */
export function inSeconds(series: Readonly<Record<string, readonly number[]>>): string {
  return Object.entries(series)
    .map(([name, values]) => `${name} ${(Math.min(...values) / 1000).toFixed(2)} s`)
    .join(", ");
}
