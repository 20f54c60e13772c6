// `npm run bench`: how fast it is, as ratios taken in one run. Never a test: it prints, and ends well whatever the figures are.
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { constructors } from "./bench/constructors.ts";
import { type Figure, meetsTarget, type SkippedFigure } from "./bench/figure.ts";
import { load } from "./bench/load.ts";
import type { Bench, Measurement } from "./bench/measurement.ts";
import { openTofu } from "./bench/open-tofu.ts";
import { planning } from "./bench/planning.ts";
import { previews } from "./bench/previews.ts";
import { profileUp } from "./bench/profile.ts";
import { type Circumstances, renderReport } from "./bench/report.ts";
import { scale } from "./bench/scale.ts";
import { typeCheck } from "./bench/type-check.ts";
import { updates } from "./bench/updates.ts";
import { Workshop } from "./bench/workshop.ts";
import { engineVersion } from "./engine/engine-version.ts";
import { runEntryPoint, SetupError } from "./engine/setup-error.mjs";

const measurements: readonly Measurement[] = [
  load,
  constructors,
  planning,
  previews,
  updates,
  openTofu,
  typeCheck,
  scale,
];

const usage = [
  "npm run bench                    everything; about ten minutes",
  "npm run bench -- --quick         what needs no engine; seconds",
  `npm run bench -- --only <name>   ${measurements.map(({ name }) => name).join(", ")}`,
  "npm run bench -- --rounds <n>    how often everything is measured (5)",
  "npm run bench -- --json          for programs",
  "npm run bench -- --profile       where the time of one up goes",
];

interface Options {
  readonly chosen: readonly Measurement[];
  readonly rounds: number;
  readonly json: boolean;
  readonly profile: boolean;
}

function parseOptions(commandLine: readonly string[]): Options {
  const wrong = (what: string): SetupError => new SetupError(what, { todo: usage });
  let values: { quick?: boolean; json?: boolean; profile?: boolean; only?: string; rounds?: string };
  try {
    ({ values } = parseArgs({
      args: [...commandLine],
      options: {
        quick: { type: "boolean" },
        json: { type: "boolean" },
        profile: { type: "boolean" },
        only: { type: "string" },
        rounds: { type: "string" },
      },
    }));
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const { quick = false, json = false, profile = false, only } = values;
  const rounds = Number(values.rounds ?? (quick ? 2 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw wrong(`--rounds ${values.rounds}: not a number of rounds`);
  const chosen = measurements.filter(({ name, isQuick }) => (only === undefined ? isQuick || !quick : name === only));
  if (chosen.length === 0) throw wrong(`--only ${only}: there is no such benchmark`);
  return { chosen, rounds, json, profile };
}

/** One that cannot be taken does not cost the others. */
async function run({ name, run }: Measurement, bench: Bench): Promise<readonly (Figure | SkippedFigure)[]> {
  try {
    return await run(bench);
  } catch (error) {
    const [what, ...output] = (error instanceof Error ? error.message : String(error)).split("\n");
    // Of pages of output, what is wrong and where.
    const reasons = output.flatMap((line, index) => (/\berror\b/i.test(line) ? output.slice(index, index + 2) : []));
    return [{ title: name, skipped: [what, ...reasons.slice(0, 4)].join("\n  ") }];
  }
}

async function take({ chosen, rounds, json }: Options, bench: Bench): Promise<void> {
  const [before = 0] = loadavg();
  const figures: (Figure | SkippedFigure)[] = [];
  for (const measurement of chosen) figures.push(...(await run(measurement, bench)));
  const [after = 0] = loadavg();
  const about: Circumstances = {
    node: process.versions.node,
    engine: engineVersion(),
    processors: cpus().length,
    load: [before, after],
    rounds,
  };
  const judged = figures.map((figure) => ("skipped" in figure ? figure : { ...figure, met: meetsTarget(figure) }));
  console.log(json ? JSON.stringify({ about, figures: judged }, null, 2) : `\n${renderReport(figures, about)}`);
}

await runEntryPoint(async () => {
  const options = parseOptions(process.argv.slice(2));
  const say = (text: string): void => console.error(`bench: ${text} …`);
  const workshop = new Workshop(say);
  const bench = { workshop, rounds: options.rounds, say };
  try {
    if (options.profile) console.log(await profileUp(bench));
    else await take(options, bench);
  } finally {
    workshop.close();
  }
});
