// The charts that can be installed: those the plan pins, at the version it pins.
import { cephCsiRbd } from "./ceph-csi-rbd.ts";
import type { ChartModel, Values } from "./chart.ts";
import { cilium } from "./cilium.ts";
import { monitoring } from "./kube-prometheus-stack.ts";
import { dashboard } from "./kubernetes-dashboard.ts";
import { metallb } from "./metallb.ts";
import { piraeus } from "./piraeus.ts";
import { traefik } from "./traefik.ts";

const CHARTS: readonly ChartModel[] = [cilium, metallb, cephCsiRbd, piraeus, traefik, dashboard, monitoring];

const trimmed = (url: string) => url.replace(/\/+$/, "");

/** Finds a chart as Helm does in its repository. Throws in Helm's words. */
export function findChart(name: string, version: string | undefined, repository: string | undefined): ChartModel {
  const chart = CHARTS.find((candidate) => candidate.name === name);
  if (!chart)
    throw new Error(
      `chart "${name}" version "${version ?? "*"}" not found in ${repository ?? "any repository"} repository`,
    );
  if (chart.repository === undefined) {
    if (repository !== undefined)
      throw new Error(`${repository}: a chart in an OCI registry takes no repository, it is named by its address`);
    if (version !== chart.version) throw new Error(`${name}:${version ?? "latest"}: not found`);
    return chart;
  }
  if (repository === undefined)
    throw new Error(`failed to download "${name}" at version "${version ?? "*"}": no repository is given`);
  if (trimmed(repository) !== trimmed(chart.repository))
    throw new Error(`looks like "${repository}" is not a valid chart repository or cannot be reached`);
  if (version !== chart.version)
    throw new Error(`chart "${name}" version "${version ?? "*"}" not found in ${repository} repository`);
  return chart;
}

/** Refuses keys that the chart's values do not have. */
export function checkValues(chart: ChartModel, values: Values): void {
  const unknown = Object.keys(values).filter((key) => !chart.keys.has(key));
  if (unknown.length === 0) return;
  const lines = unknown.map((key) => `- (root): Additional property ${key} is not allowed`).join("\n");
  throw new Error(
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${chart.name}:\n${lines}`,
  );
}
