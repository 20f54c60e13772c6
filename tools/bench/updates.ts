// What an update of the homelab takes: what writing the state at every step costs, and what a run that changes nothing costs.
import { alternate } from "./alternate.ts";
import { type Figure, inSeconds } from "./figure.ts";
import type { Bench, Measurement } from "./measurement.ts";
import { cpu, wall } from "./previews.ts";
import type { BenchProject } from "./project.ts";
import { ratio } from "./statistics.ts";

export const updates: Measurement = { name: "update", isQuick: false, run };

const withoutCheckpoints = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

async function run({ workshop, rounds, say }: Bench): Promise<Figure[]> {
  const homelab = await workshop.homelab();
  const fromNothing = (project: BenchProject, more?: NodeJS.ProcessEnv) => {
    project.rewind();
    return project.up(more);
  };
  say(`updates of the homelab, with and without checkpoints, ${rounds} times`);
  const ups = await alternate(rounds, {
    without: () => fromNothing(homelab, withoutCheckpoints),
    up: () => fromNothing(homelab),
  });
  say(`the homelab again, nothing changed, ${rounds} times`);
  const again = await alternate(rounds, { preview: () => homelab.preview(), up: () => homelab.up() });
  return [
    {
      title: "up of the homelab over up without checkpoints",
      reading: ratio(wall(ups.up), wall(ups.without)),
      cpu: ratio(cpu(ups.up), cpu(ups.without)),
      target: 2,
      detail: inSeconds({ up: wall(ups.up), without: wall(ups.without) }),
    },
    {
      title: "up that changes nothing over preview that changes nothing",
      reading: ratio(wall(again.up), wall(again.preview)),
      cpu: ratio(cpu(again.up), cpu(again.preview)),
      target: 1.2,
      detail: inSeconds({ up: wall(again.up), preview: wall(again.preview) }),
    },
  ];
}
