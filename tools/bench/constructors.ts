// What the constructors of the homelab take: with the preload that spares the SDK its stacks, without it, and without any stacks.
import { alternate } from "./alternate.ts";
import type { Figure } from "./figure.ts";
import type { Bench, Measurement } from "./measurement.ts";
import { nodeArguments, probe, withoutPreload } from "./probe.ts";
import { ratio } from "./statistics.ts";

export const constructors: Measurement = { name: "constructors", isQuick: true, run };

interface Construction {
  readonly constructorsMs: number;
}

async function run({ rounds, say }: Bench): Promise<Figure[]> {
  say(`constructors, ${rounds} times`);
  const preload = nodeArguments();
  const without = withoutPreload(preload, "stack-capture.cjs");
  const take = (flags: readonly string[]) => probe<Construction>("constructor-probe.ts", flags);
  const runs = await alternate(rounds, {
    preload: () => take(preload),
    captured: () => take(without),
    none: () => take([...without, "--stack-trace-limit=0"]),
  });
  const ms = (of: readonly Construction[]): number[] => of.map((run) => run.constructorsMs);
  const shortest = (of: readonly Construction[]): string => Math.min(...ms(of)).toFixed(0);
  return [
    {
      title: "constructors over constructors without any stack traces",
      reading: ratio(ms(runs.preload), ms(runs.none)),
      target: 1.2,
      detail: `ours ${shortest(runs.preload)} ms, without ${shortest(runs.none)} ms`,
    },
    {
      title: "constructors without the stack-capture preload over with it",
      reading: ratio(ms(runs.captured), ms(runs.preload)),
      detail: `captured ${shortest(runs.captured)} ms`,
    },
  ];
}
