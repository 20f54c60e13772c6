// Renders a chart as Helm does, by Helm's own code (main.go beside this file).
import { spawnSync } from "node:child_process";
import { parseAllDocuments } from "yaml";

/** A Kubernetes object. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What is rendered. */
export interface ChartRequest {
  /** Folder of the chart. */
  readonly chart: string;
  readonly release: string;
  readonly namespace: string;
  readonly kubernetesVersion: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A rendered chart. */
export interface RenderedChart {
  readonly version: string;
  /** Values that the chart has no default for and no template mentions: misspelt names. */
  readonly unknown: readonly string[];
  readonly objects: readonly KubernetesObject[];
}

/**
 * Renders a chart.
 * @param program path of the built conformance/charts
 * @throws with Helm's own words when the chart refuses its values
 */
export function renderChart(program: string, request: ChartRequest): RenderedChart {
  const result = spawnSync(program, { input: JSON.stringify(request), encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(result.error?.message ?? result.stderr.trim());
  const { version, unknown, crds, manifests } = JSON.parse(result.stdout) as Record<"crds" | "manifests", string[]> &
    Pick<RenderedChart, "version" | "unknown">;
  return { version, unknown, objects: [...crds, ...manifests].flatMap(objectsIn) };
}

/** The objects of a YAML text; empty documents are none. */
export function objectsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    if ("errors" in document && document.errors.length > 0) throw new Error(`not YAML: ${document.errors[0]?.message}`);
    const value: unknown = "toJS" in document ? document.toJS() : undefined;
    return typeof value === "object" && value !== null ? [value as KubernetesObject] : [];
  });
}
