// What a preview of the homelab takes, against the least that any program takes, and against the least for as many resources.
import { alternate } from "./alternate.ts";
import { type Figure, inSeconds } from "./figure.ts";
import type { Bench, Measurement } from "./measurement.ts";
import type { PulumiRun } from "./project.ts";
import { ratio } from "./statistics.ts";

export const previews: Measurement = { name: "preview", isQuick: false, run };

async function run({ workshop, rounds, say }: Bench): Promise<Figure[]> {
  const homelab = await workshop.homelab();
  const resources = await workshop.count(homelab);
  const [untouched, empty, bare] = [await workshop.untouched(), await workshop.empty(), await workshop.bare(resources)];
  // The first run of anything fills caches.
  for (const project of [untouched, empty, bare]) await project.preview();
  say(`previews: empty, ${resources} bare components, homelab, ${rounds} times`);
  const runs = await alternate(rounds, {
    untouched: () => untouched.preview(),
    empty: () => empty.preview(),
    bare: () => bare.preview(),
    homelab: () => homelab.preview(),
  });
  const seconds = (of: (runs: readonly PulumiRun[]) => number[]): string =>
    inSeconds({
      "empty as it comes": of(runs.untouched),
      empty: of(runs.empty),
      bare: of(runs.bare),
      homelab: of(runs.homelab),
    });
  return [
    {
      title: `preview of the homelab (${resources} resources) over an empty program as it comes`,
      reading: ratio(wall(runs.homelab), wall(runs.untouched)),
      cpu: ratio(cpu(runs.homelab), cpu(runs.untouched)),
      target: 1.6,
      detail: seconds(wall),
    },
    {
      title: "preview of the homelab over an empty program with our options",
      reading: ratio(wall(runs.homelab), wall(runs.empty)),
      cpu: ratio(cpu(runs.homelab), cpu(runs.empty)),
      detail: `of processors: ${seconds(cpu)}`,
    },
    {
      title: "preview of the homelab over as many bare components",
      reading: ratio(wall(runs.homelab), wall(runs.bare)),
      cpu: ratio(cpu(runs.homelab), cpu(runs.bare)),
      target: 1.15,
    },
    {
      title: "the program's own processor time, homelab over as many bare components",
      reading: ratio(own(runs.homelab), own(runs.bare)),
      detail: seconds(own),
    },
    {
      title: "memory of the program's process, homelab over empty as it comes",
      reading: ratio(memory(runs.homelab), memory(runs.untouched)),
      target: 1.35,
      detail: inMebibytes({
        "empty as it comes": memory(runs.untouched),
        empty: memory(runs.empty),
        bare: memory(runs.bare),
        homelab: memory(runs.homelab),
      }),
    },
  ];
}

/** Wall clock of each run, in milliseconds. */
export function wall(runs: readonly PulumiRun[]): number[] {
  return runs.map((run) => run.wallMs);
}

/** Processor time of each run, in milliseconds. */
export function cpu(runs: readonly PulumiRun[]): number[] {
  return runs.map((run) => run.cpuMs);
}

function own(runs: readonly PulumiRun[]): number[] {
  return runs.map((run) => run.program.cpuMs);
}

function memory(runs: readonly PulumiRun[]): number[] {
  return runs.map((run) => run.program.peakKiB);
}

function inMebibytes(series: Readonly<Record<string, readonly number[]>>): string {
  return Object.entries(series)
    .map(([name, values]) => `${name} ${Math.round(Math.min(...values) / 1024)} MiB`)
    .join(", ");
}
