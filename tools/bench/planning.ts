// What planning takes, which is pure and needs no engine: it grows with the rack, and no faster.
import type { Figure } from "./figure.ts";
import type { Bench, Measurement } from "./measurement.ts";
import { planningTimeMs } from "./plan-scale.ts";
import { read } from "./statistics.ts";

export const planning: Measurement = { name: "plan", isQuick: true, run };

async function run({ say }: Bench): Promise<Figure[]> {
  say("planning 1,000 and 10,000 hosts");
  const [thousand, tenThousand] = [planningTimeMs(1000), planningTimeMs(10_000)];
  return [
    {
      title: "planning 10,000 hosts over 1,000 hosts",
      reading: read([tenThousand / thousand]),
      target: 11,
      detail: `${thousand.toFixed(0)} ms and ${tenThousand.toFixed(0)} ms of one processor`,
    },
  ];
}
