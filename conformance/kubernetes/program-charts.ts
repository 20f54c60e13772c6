// The charts that the program installs, rendered with its values, as far as they come with a Go module.
import { ensureProgram } from "../build-program.ts";
import { type RenderedChart, renderChart } from "../charts/render-chart.ts";
import type { DeclaredRelease } from "./program-objects.ts";
import { chartFolder } from "./sources.ts";

/** Whose charts come with a Go module; the others are served from places that hold no packages. */
export const availableCharts = ["cilium", "metallb"] as const;

/** A chart's name. */
export type AvailableChart = (typeof availableCharts)[number];

/**
 * Renders the charts.
 * @throws when the program does not install one of them, or the chart refuses its values
 */
export async function renderProgramCharts(
  releases: readonly DeclaredRelease[],
  kubernetesVersion: string,
): Promise<Record<AvailableChart, RenderedChart>> {
  const program = await ensureProgram("charts");
  const render = async (name: AvailableChart): Promise<RenderedChart> => {
    const found = releases.find(({ chart }) => chart === name);
    if (found === undefined) throw new Error(`the program does not install the chart of ${name}`);
    const { name: release, namespace, values } = found;
    return renderChart(program, { chart: await chartFolder(name), release, namespace, kubernetesVersion, values });
  };
  return { cilium: await render("cilium"), metallb: await render("metallb") };
}

/** What Cilium's chart tells the agents. */
export function ciliumConfig(cilium: RenderedChart): Readonly<Record<string, string>> {
  const config = cilium.objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "cilium-config");
  if (config === undefined) throw new Error("the chart of cilium has no ConfigMap cilium-config");
  return config["data"] as Readonly<Record<string, string>>;
}
