// What loading the program takes beyond `@pulumi/pulumi`, which every program loads.
import { alternate } from "./alternate.ts";
import type { Figure } from "./figure.ts";
import type { Bench, Measurement } from "./measurement.ts";
import { asTheSdkComes, nodeArguments, probe, withoutPreload } from "./probe.ts";
import { ratio } from "./statistics.ts";

export const load: Measurement = { name: "load", isQuick: true, run };

interface Lap {
  readonly wallMs: number;
  readonly cpuMs: number;
}

interface Load {
  readonly sdk: Lap;
  readonly ours: Lap;
}

async function run({ rounds, say }: Bench): Promise<Figure[]> {
  const times = Math.max(rounds, 3);
  say(`loading the program, ${times} times`);
  // The first one fills the caches.
  await probe<Load>("load-probe.ts");
  const given = nodeArguments();
  const runs = await alternate(times, {
    kept: () => probe<Load>("load-probe.ts", given),
    untouched: () => probe<Load>("load-probe.ts", asTheSdkComes(given)),
    stripped: () => probe<Load>("load-probe.ts", withoutPreload(given, "code-cache.cjs")),
  });
  const of = (laps: readonly Lap[], key: keyof Lap): number[] => laps.map((lap) => lap[key]);
  const untouched = runs.untouched.map((load) => load.sdk);
  const [sdk, ours] = [runs.kept.map((load) => load.sdk), runs.kept.map((load) => load.ours)];
  const whole = runs.kept.map((load) => sum(load.sdk, load.ours));
  const stripped = runs.stripped.map((load) => load.ours);
  const shortest = (laps: readonly Lap[]): string => `${Math.min(...of(laps, "cpuMs")).toFixed(0)} ms`;
  return [
    {
      title: "loading the SDK and the program, over loading the SDK as it comes",
      reading: ratio(of(whole, "wallMs"), of(untouched, "wallMs")),
      cpu: ratio(of(whole, "cpuMs"), of(untouched, "cpuMs")),
      // 20 ms more where the SDK takes 420.
      target: 1.05,
      detail: `of processors: SDK as it comes ${shortest(untouched)}; SDK ${shortest(sdk)} and ours ${shortest(ours)}`,
    },
    {
      title: "loading the program's own part, over loading the SDK as it comes",
      reading: ratio(of(ours, "wallMs"), of(untouched, "wallMs")),
      cpu: ratio(of(ours, "cpuMs"), of(untouched, "cpuMs")),
    },
    {
      title: "the program's own part with types stripped anew, over from the cache",
      reading: ratio(of(stripped, "wallMs"), of(ours, "wallMs")),
      cpu: ratio(of(stripped, "cpuMs"), of(ours, "cpuMs")),
      detail: `of processors: stripped ${shortest(stripped)}`,
    },
  ];
}

function sum(one: Lap, other: Lap): Lap {
  return { wallMs: one.wallMs + other.wallMs, cpuMs: one.cpuMs + other.cpuMs };
}
