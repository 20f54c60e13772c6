// What is read off repeated measurements: the smallest, since whatever disturbs a run only makes it longer, and the median
// beside it, which shows how much it was disturbed.

/** Two readings of the same thing. */
export interface Reading {
  /** Of the smallest measurements. */
  readonly best: number;
  readonly median: number;
}

/** Middle of the values; between the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("no measurements to take the median of");
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
}

/** Smallest and median of one series. */
export function read(values: readonly number[]): Reading {
  return { best: Math.min(...values), median: median(values) };
}

/** How many times as much the one took as the other: smallest over smallest, median over median. */
export function ratio(values: readonly number[], base: readonly number[]): Reading {
  const [upper, lower] = [read(values), read(base)];
  return { best: upper.best / lower.best, median: upper.median / lower.median };
}
