// What a benchmark is given, and what it returns.
import type { Figure, SkippedFigure } from "./figure.ts";
import type { Workshop } from "./workshop.ts";

/** What a benchmark works with. */
export interface Bench {
  readonly workshop: Workshop;
  /** How often everything is measured. */
  readonly rounds: number;
  /** Tells the person what is going on. */
  say(text: string): void;
}

/** A benchmark: one or more figures that are taken together. */
export interface Measurement {
  /** For `--only`. */
  readonly name: string;
  /** Part of `--quick`: no engine, a few seconds. */
  readonly isQuick: boolean;
  run(bench: Bench): Promise<readonly (Figure | SkippedFigure)[]>;
}
