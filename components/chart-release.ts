// How every chart is installed: pinned, under a fixed name, awaited, and taken back when it fails.
import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import type * as pulumi from "@pulumi/pulumi";
import type { ChartVersion } from "../plan/versions.ts";

/** Arguments of {@link createChartRelease}. */
export interface ChartReleaseArgs {
  readonly chart: ChartVersion;
  /** Name of the release, the prefix of most of its objects. */
  readonly releaseName: string;
  readonly namespace: pulumi.Input<string>;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Declares a release and waits until its workloads are ready, ten minutes at most: images come from afar the first time. */
export function createChartRelease(name: string, args: ChartReleaseArgs, opts: pulumi.CustomResourceOptions): Release {
  return new Release(
    name,
    {
      name: args.releaseName,
      chart: args.chart.chart,
      version: args.chart.version,
      // A chart in an OCI registry is named by its whole address.
      ...(args.chart.repository === undefined ? {} : { repositoryOpts: { repo: args.chart.repository } }),
      namespace: args.namespace,
      values: args.values,
      // A null takes a chart's default away; without this it is dropped before Helm sees it.
      allowNullValues: true,
      // A half-installed release blocks its own name on the next run.
      atomic: true,
      timeout: 600,
    },
    opts,
  );
}
