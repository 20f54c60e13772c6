// What the type check takes, which happens outside of every preview.

import { REPOSITORY } from "../engine/engine-version.ts";
import { alternate } from "./alternate.ts";
import { type Figure, inSeconds } from "./figure.ts";
import type { Bench, Measurement } from "./measurement.ts";
import { ratio } from "./statistics.ts";
import { timedRun } from "./timed-run.ts";

export const typeCheck: Measurement = { name: "types", isQuick: false, run };

async function run({ workshop, rounds, say }: Bench): Promise<Figure[]> {
  say(`type check of everything, ${rounds} times`);
  const empty = await workshop.empty();
  const tsc = ["node_modules/typescript/bin/tsc", "--project", "."];
  const runs = await alternate(rounds, {
    check: () => timedRun(process.execPath, tsc, { cwd: REPOSITORY }),
    empty: () => empty.preview(),
  });
  const [check, floor] = [runs.check.map((run) => run.wallMs), runs.empty.map((run) => run.wallMs)];
  return [
    {
      title: "type check of program, rack, tools and tests over preview of an empty program",
      reading: ratio(check, floor),
      detail: inSeconds({ check, empty: floor }),
    },
  ];
}
