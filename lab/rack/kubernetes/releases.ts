// Helm releases: a chart's objects installed, changed and removed together. What Helm remembers lies in a Secret of the namespace.
import { type Applying, applyObject } from "./changes.ts";
import { checkValues, findChart } from "./charts/catalogue.ts";
import type { ChartModel, Values } from "./charts/chart.ts";
import {
  type Api,
  ApiError,
  documentId,
  getObject,
  hasNamespace,
  insert,
  type KubeObject,
  listAll,
  remove,
  type Stored,
  write,
} from "./objects.ts";

/** What Helm is asked to install. */
export interface ReleaseRequest {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version?: string | undefined;
  readonly repository?: string | undefined;
  readonly values: Values;
  readonly createNamespace: boolean;
}

/** What Helm remembers of a release, in a Secret. */
export interface ReleaseRecord {
  readonly revision: number;
  readonly chart: string;
  readonly version: string;
  readonly appVersion: string;
  /** `Kind/name` or `Kind/namespace/name`, sorted. */
  readonly resources: readonly string[];
}

const secretName = (name: string, revision: number) => `sh.helm.release.v1.${name}.v${revision}`;

function recordOf(api: Api, namespace: string, name: string): Stored | undefined {
  return listAll(api).find(
    ({ object }) =>
      object.kind === "Secret" &&
      object["type"] === "helm.sh/release.v1" &&
      object.metadata.namespace === namespace &&
      object.metadata.labels?.["name"] === name,
  );
}

/** What Helm remembers of a release. */
export function getRelease(api: Api, namespace: string, name: string): ReleaseRecord | undefined {
  const stored = recordOf(api, namespace, name);
  return stored
    ? (JSON.parse(String((stored.object["data"] as Record<string, string>)["release"])) as ReleaseRecord)
    : undefined;
}

function keyOf(release: { namespace: string; name: string }): string {
  return `${release.namespace}/${release.name}`;
}

/** Objects of a release, oldest first. */
export function objectsOf(api: Api, release: { namespace: string; name: string }): Stored[] {
  return listAll(api).filter(
    (stored) => stored.release === keyOf(release) && stored.object["type"] !== "helm.sh/release.v1",
  );
}

function nameOf({ kind, metadata }: KubeObject): string {
  return [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join("/");
}

function refuseForeign(api: Api, object: KubeObject, release: string): void {
  const existing = getObject(api, object.apiVersion, object.kind, object.metadata.namespace, object.metadata.name);
  if (!existing || existing.release === release) return;
  throw new ApiError(
    409,
    `Unable to continue with install: ${object.kind} "${object.metadata.name}" in namespace "${object.metadata.namespace ?? ""}" exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"`,
  );
}

function applyAll(api: Api, request: ReleaseRequest, chart: ChartModel): KubeObject[] {
  const release = { name: request.name, namespace: request.namespace };
  const applying: Applying = { manager: "helm", force: true, release: keyOf(release) };
  // From `crds/`: created when missing, never changed and never removed by Helm.
  for (const object of chart.definitions?.() ?? []) {
    if (!getObject(api, object.apiVersion, object.kind, undefined, object.metadata.name))
      applyObject(api, object, { manager: "helm", force: true });
  }
  const objects = chart.objects(release, request.values);
  for (const object of objects) {
    refuseForeign(api, object, keyOf(release));
    applyObject(api, object, applying);
  }
  return objects;
}

function writeRecord(
  api: Api,
  request: ReleaseRequest,
  chart: ChartModel,
  objects: readonly KubeObject[],
  revision: number,
): ReleaseRecord {
  const previous = recordOf(api, request.namespace, request.name);
  if (previous) remove(api, previous);
  const resources = objects.map(nameOf).sort();
  const record = { revision, chart: chart.name, version: chart.version, appVersion: chart.appVersion, resources };
  const metadata = {
    name: secretName(request.name, revision),
    namespace: request.namespace,
    labels: { name: request.name, owner: "helm", status: "deployed" },
  };
  insert(
    api,
    {
      apiVersion: "v1",
      kind: "Secret",
      type: "helm.sh/release.v1",
      metadata,
      data: { release: JSON.stringify(record) },
    },
    {},
    keyOf(request),
  );
  return record;
}

/** Installs a release. Throws what Helm answers. */
export function installRelease(api: Api, request: ReleaseRequest): ReleaseRecord {
  const chart = findChart(request.chart, request.version, request.repository);
  checkValues(chart, request.values);
  if (recordOf(api, request.namespace, request.name)) throw new Error("cannot re-use a name that is still in use");
  if (!hasNamespace(api, request.namespace)) {
    if (!request.createNamespace)
      throw new ApiError(404, `failed to create resource: namespaces "${request.namespace}" not found`);
    applyObject(
      api,
      { apiVersion: "v1", kind: "Namespace", metadata: { name: request.namespace } },
      { manager: "helm" },
    );
  }
  return writeRecord(api, request, chart, applyAll(api, request, chart), 1);
}

/** Brings a release to another version or other values; objects that it has no more are removed. */
export function upgradeRelease(api: Api, request: ReleaseRequest): ReleaseRecord {
  const chart = findChart(request.chart, request.version, request.repository);
  checkValues(chart, request.values);
  const before = getRelease(api, request.namespace, request.name);
  if (!before) throw new Error(`"${request.name}" has no deployed releases`);
  const objects = applyAll(api, request, chart);
  const kept = new Set(objects.map((object) => documentId(object)));
  for (const stored of objectsOf(api, request)) if (!kept.has(documentId(stored.object))) remove(api, stored);
  return writeRecord(api, request, chart, objects, before.revision + 1);
}

/** Removes a release with its objects; definitions from `crds/` stay. */
export function uninstallRelease(api: Api, release: { namespace: string; name: string }): void {
  for (const stored of objectsOf(api, release).reverse()) remove(api, stored);
  const record = recordOf(api, release.namespace, release.name);
  if (record) remove(api, record);
}

/** Marks what only happens once (a claim bound, a job done) as done. */
export function markDone(api: Api, stored: Stored): void {
  if (stored.isDone !== true && ["Job", "PersistentVolumeClaim"].includes(stored.object.kind))
    write(api, Object.assign(stored, { isDone: true }));
}

/** Marks a job that has given up: its time is over, or its pods have failed as often as it allows. */
export function markFailed(api: Api, stored: Stored): void {
  if (stored.object.kind === "Job") write(api, Object.assign(stored, { isFailed: true }));
}
