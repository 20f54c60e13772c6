// OpenTofu's plan of an equal graph, beside our preview: built-in resources with our edges and our inputs, and no plug-in to start.
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { cacheLayout } from "../engine/cache.mjs";
import { alternate } from "./alternate.ts";
import { type Figure, inSeconds, type SkippedFigure } from "./figure.ts";
import type { Bench, Measurement } from "./measurement.ts";
import { openTofuProgram } from "./resource-graph.ts";
import { ratio } from "./statistics.ts";
import { timedRun } from "./timed-run.ts";

export const openTofu: Measurement = { name: "tofu", isQuick: false, run };

const title = "preview of the homelab over OpenTofu's plan of an equal graph";

async function run({ workshop, rounds, say }: Bench): Promise<(Figure | SkippedFigure)[]> {
  const tofu = findOpenTofu();
  if (tofu === undefined)
    return [{ title, skipped: "no tofu on PATH and none built yet (npm run conformance builds it)" }];
  const homelab = await workshop.homelab();
  homelab.rewind();
  await homelab.up();
  const state = JSON.parse((await homelab.pulumi(["stack", "export"])).stdout);
  const resources = state.deployment.resources;
  homelab.rewind();
  const cwd = mkdtempSync(join(tmpdir(), "homelab-tofu-"));
  try {
    writeFileSync(join(cwd, "main.tf.json"), JSON.stringify(openTofuProgram(resources)));
    const env = { ...process.env, TF_IN_AUTOMATION: "1", CHECKPOINT_DISABLE: "1" };
    await timedRun(tofu, ["init", "-input=false", "-no-color"], { cwd, env });
    say(`OpenTofu's plan of ${resources.length} resources, ${rounds} times`);
    const runs = await alternate(rounds, {
      plan: () => timedRun(tofu, ["plan", "-input=false", "-no-color"], { cwd, env }),
      preview: () => homelab.preview(),
    });
    const of = (key: "wallMs" | "cpuMs", name: "plan" | "preview"): number[] => runs[name].map((run) => run[key]);
    return [
      {
        title,
        reading: ratio(of("wallMs", "preview"), of("wallMs", "plan")),
        cpu: ratio(of("cpuMs", "preview"), of("cpuMs", "plan")),
        detail: inSeconds({ preview: of("wallMs", "preview"), plan: of("wallMs", "plan") }),
      },
    ];
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** `tofu` on PATH, else the newest that the conformance tests have built. */
export function findOpenTofu(
  path: string = process.env["PATH"] ?? "",
  built: string = join(cacheLayout().root, "conformance"),
): string | undefined {
  const onPath = path
    .split(delimiter)
    .map((folder) => join(folder, "tofu"))
    .find((file) => existsSync(file));
  if (onPath !== undefined) return onPath;
  if (!existsSync(built)) return undefined;
  const age = (file: string): number => -statSync(file).mtimeMs;
  return readdirSync(built)
    .filter((name) => /^opentofu-[^/]*$/.test(name) && !name.endsWith(".partial"))
    .map((name) => join(built, name))
    .sort((a, b) => age(a) - age(b))[0];
}
