// How a preview grows with the rack: 3, 30 and 300 hosts with a node each, from one generator.
import { alternate } from "./alternate.ts";
import { type Figure, inSeconds } from "./figure.ts";
import type { Bench, Measurement } from "./measurement.ts";
import { cpu, wall } from "./previews.ts";
import { createdIn } from "./project.ts";
import { type Reading, ratio, read } from "./statistics.ts";

export const scale: Measurement = { name: "scale", isQuick: false, run };

const sizes = [3, 30, 300] as const;

interface Size {
  readonly nodes: number;
  readonly resources: number;
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
}

async function run(bench: Bench): Promise<Figure[]> {
  const { workshop, say } = bench;
  const empty = await workshop.empty();
  const floor = await alternate(bench.rounds, { empty: () => empty.preview() });
  const measured: Size[] = [];
  for (const nodes of sizes) measured.push(await measure(bench, nodes));
  const [, thirty, threeHundred] = measured;
  if (thirty === undefined || threeHundred === undefined) return [];
  say(`${thirty.resources} and ${threeHundred.resources} bare components`);
  const bareSmall = await workshop.bare(thirty.resources);
  const bareLarge = await workshop.bare(threeHundred.resources);
  const bare = await alternate(1, { small: () => bareSmall.preview(), large: () => bareLarge.preview() });
  return [
    ...measured.map((size) => ({
      title: `preview of ${size.nodes} nodes (${size.resources} resources) over an empty program`,
      reading: ratio(size.wall, wall(floor.empty)),
      cpu: ratio(size.cpu, cpu(floor.empty)),
      detail: inSeconds({ preview: size.wall, empty: wall(floor.empty) }),
    })),
    {
      title: `preview of 300 nodes over 30 nodes, for 10 times the resources`,
      reading: perTenfold(ratio(threeHundred.wall, thirty.wall), threeHundred.resources / thirty.resources),
      cpu: perTenfold(ratio(threeHundred.cpu, thirty.cpu), threeHundred.resources / thirty.resources),
      target: 11,
      detail: `${(threeHundred.resources / thirty.resources).toFixed(1)} times the resources`,
    },
    {
      title: "time of one more resource, ours over a bare component",
      reading: read([slope(thirty.wall, threeHundred.wall) / slope(wall(bare.small), wall(bare.large))]),
      cpu: read([slope(thirty.cpu, threeHundred.cpu) / slope(cpu(bare.small), cpu(bare.large))]),
      target: 1.7,
      detail: `from ${thirty.resources} to ${threeHundred.resources} resources`,
    },
  ];
}

/** The largest takes minutes: once is enough for it. */
async function measure({ workshop, rounds, say }: Bench, nodes: number): Promise<Size> {
  const times = nodes >= 300 ? 1 : Math.min(rounds, 3);
  const project = await workshop.generated(nodes);
  say(`preview of ${nodes} nodes, ${times} times`);
  const resources = nodes >= 300 ? undefined : await workshop.count(project);
  const { runs } = await alternate(times, { runs: () => project.preview() });
  const [first] = runs;
  if (first === undefined) throw new Error("no runs");
  return { nodes, resources: resources ?? createdIn(first), wall: wall(runs), cpu: cpu(runs) };
}

function slope(small: readonly number[], large: readonly number[]): number {
  return Math.min(...large) - Math.min(...small);
}

/** A growth seen over `factor` times the resources, as it would be over ten times. */
function perTenfold({ best, median }: Reading, factor: number): Reading {
  return { best: (best * 10) / factor, median: (median * 10) / factor };
}
