// The Kubernetes objects a stack declares, and the charts it installs, as they would reach the API.
import type { RecordedResource, Recording } from "../../test/support/record-resources.ts";
import type { KubernetesObject } from "../charts/render-chart.ts";
import { plainInputs, resourcesOf } from "../declared.ts";

/** Groups whose definitions come with no module in reach. */
export const withoutDefinition: readonly string[] = ["piraeus.io/v1"];

const releaseType = "kubernetes:helm.sh/v3:Release";

/** A chart the program installs. */
export interface DeclaredRelease {
  readonly chart: string;
  readonly version: string;
  readonly name: string;
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The objects a stack declares one by one. */
export function declaredObjects(recording: Recording): KubernetesObject[] {
  return resourcesOf(recording, "kubernetes")
    .filter(({ type }) => type !== releaseType)
    .map(toObject);
}

/** The charts a stack installs. */
export function declaredReleases(recording: Recording): DeclaredRelease[] {
  return resourcesOf(recording, "kubernetes")
    .filter(({ type }) => type === releaseType)
    .map(({ inputs }) => plainInputs(inputs) as DeclaredRelease);
}

function toObject({ name, inputs }: RecordedResource): KubernetesObject {
  const object = plainInputs(inputs) as KubernetesObject;
  // The plug-in makes up a name where there is none.
  return { ...object, metadata: { name, ...object.metadata } };
}

/** In the order in which they can be applied: what others live in or are of first, what judges others last. */
export function inOrder(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const rank = ({ kind }: KubernetesObject): number => {
    if (kind === "Namespace") return 0;
    if (kind === "CustomResourceDefinition") return 1;
    // Nothing answers behind a webhook here, so nothing it judges could be applied after it.
    return kind.endsWith("WebhookConfiguration") ? 3 : 2;
  };
  return [...objects].sort((a, b) => rank(a) - rank(b));
}

/** A pod that something would make. */
export interface PodTemplate {
  /** Of what makes it. */
  readonly name: string;
  readonly namespace: string;
  readonly template: { readonly metadata?: object; readonly spec: object };
}

/** What the pods would be that jobs and the like among the objects make. */
export function podTemplates(objects: readonly KubernetesObject[]): PodTemplate[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const outer = spec as { template?: unknown; jobTemplate?: { spec?: { template?: unknown } } } | undefined;
    const template = kind === "CronJob" ? outer?.jobTemplate?.spec?.template : outer?.template;
    if (template === undefined) return [];
    const { name = "", namespace = "default" } = metadata;
    return [{ name: `${kind} ${name}`, namespace, template: template as PodTemplate["template"] }];
  });
}
