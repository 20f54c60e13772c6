// Kubernetes objects as they lie in etcd, with what the rack remembers of each.
import { randomUUID } from "node:crypto";
import { simulatedNow } from "../clock.ts";
import type { Collection, Rack } from "../store.ts";
import { type Cluster, objectKind } from "../talos/cluster.ts";
import { builtInKind, groupOf, type KindInfo } from "./kinds.ts";
import { talosAccountKind } from "./talos-account-kind.ts";

/** Any value of an object. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** An object of any fields. */
export type JsonObject = { [key: string]: Json };

/** What every object has. */
interface Metadata {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  uid?: string;
  creationTimestamp?: string;
  resourceVersion?: string;
}

/** Any object. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec?: JsonObject;
  [key: string]: unknown;
}

/** An object with what the rack knows beside it. */
export interface Stored {
  object: KubeObject;
  /** In order of creation. */
  readonly sequence: number;
  /** Simulated milliseconds. */
  readonly createdAt: number;
  changedAt: number;
  /** Who owns each field (server-side apply), by path. */
  owners: Record<string, string>;
  /** Release it came with. */
  release?: string;
  /** Address of a LoadBalancer service, once assigned. */
  address?: string;
  /** Node of each pod that has run: a running pod is not moved when a better place turns up. */
  placements?: Record<string, string>;
  /** A claim that got its volume, a job that is done: stays so. */
  isDone?: boolean;
  /** A job that has given up: stays so. */
  isFailed?: boolean;
}

/** An open connection to a cluster's API server. */
export interface Api {
  readonly rack: Rack;
  readonly cluster: Cluster;
}

/** The reason an API server gives, with its HTTP status. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function collectionOf(api: Api): Collection<Stored> {
  return api.rack.collection<Stored>(objectKind(api.cluster));
}

/** Everything in the cluster, oldest first. */
export function listAll(api: Api): Stored[] {
  return collectionOf(api)
    .list()
    .map(({ body }) => body)
    .sort((a, b) => a.sequence - b.sequence);
}

/** Objects of a kind, whatever their API version, oldest first. */
export function listKind(api: Api, kind: string, group?: string): Stored[] {
  return listAll(api).filter(
    ({ object }) => object.kind === kind && (group === undefined || groupOf(object.apiVersion) === group),
  );
}

/** Id of an object's document. Versions of one group are the same object. */
export function documentId(
  object: Pick<KubeObject, "apiVersion" | "kind"> & { metadata: Pick<Metadata, "name" | "namespace"> },
): string {
  return [groupOf(object.apiVersion), object.kind, object.metadata.namespace ?? "", object.metadata.name].join("/");
}

/** One object by its full name; undefined: it is not there. */
export function getObject(
  api: Api,
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
  name: string,
): Stored | undefined {
  return collectionOf(api).get(
    documentId({ apiVersion, kind, metadata: namespace === undefined ? { name } : { name, namespace } }),
  );
}

/** Namespaces that are there from the start. */
const FIRST_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** Whether a namespace exists. */
export function hasNamespace(api: Api, name: string): boolean {
  return FIRST_NAMESPACES.includes(name) || getObject(api, "v1", "Namespace", undefined, name) !== undefined;
}

function customKind(api: Api, apiVersion: string, kind: string): KindInfo | undefined {
  const [group, version] = apiVersion.split("/");
  for (const { object } of listKind(api, "CustomResourceDefinition")) {
    const spec = object.spec as {
      group?: string;
      scope?: string;
      names?: { kind?: string; plural?: string };
      versions?: { name: string; served?: boolean }[];
    };
    if (spec?.group !== group || spec.names?.kind !== kind) continue;
    if (!spec.versions?.some((candidate) => candidate.name === version && candidate.served !== false)) continue;
    return { kind, plural: spec.names.plural ?? "", isNamespaced: spec.scope === "Namespaced" };
  }
  return undefined;
}

/** What kind an object is of; throws when the API server does not have it (yet). */
export function kindOf(api: Api, apiVersion: string, kind: string): KindInfo {
  const info =
    builtInKind(apiVersion, kind) ?? talosAccountKind(api, apiVersion, kind) ?? customKind(api, apiVersion, kind);
  if (!info) throw new ApiError(404, `no matches for kind "${kind}" in version "${apiVersion}"`);
  return info;
}

/** Writes an object that is new. */
export function insert(api: Api, object: KubeObject, owners: Record<string, string>, release?: string): Stored {
  const now = simulatedNow(api.rack);
  const objects = collectionOf(api);
  const sequence = objects.list().reduce((last, { body }) => Math.max(last, body.sequence), 0) + 1;
  const metadata = {
    ...object.metadata,
    uid: randomUUID(),
    creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    resourceVersion: String(sequence),
  };
  const stored: Stored = {
    object: { ...object, metadata },
    sequence,
    createdAt: now,
    changedAt: now,
    owners,
    ...(release === undefined ? {} : { release }),
  };
  objects.put(documentId(object), stored);
  return stored;
}

/** Writes an object back. */
export function write(api: Api, stored: Stored): void {
  collectionOf(api).put(documentId(stored.object), stored);
}

/** Takes an object away, with what goes with it: a namespace's contents, a definition's objects. */
export function remove(api: Api, stored: Stored): void {
  const { object } = stored;
  collectionOf(api).delete(documentId(object));
  if (object.kind === "Namespace") {
    for (const other of listAll(api)) if (other.object.metadata.namespace === object.metadata.name) remove(api, other);
  }
  if (object.kind === "CustomResourceDefinition") {
    const spec = object.spec as { group?: string; names?: { kind?: string } };
    for (const other of listKind(api, spec?.names?.kind ?? "", spec?.group)) remove(api, other);
  }
}
