// Creating, changing and deleting objects: server-side apply with field ownership, and what admission refuses before it.
import { simulatedNow } from "../clock.ts";
import {
  type Api,
  ApiError,
  getObject,
  hasNamespace,
  insert,
  type Json,
  type JsonObject,
  type KubeObject,
  kindOf,
  remove,
  type Stored,
  write,
} from "./objects.ts";
import { answerTalosAccount } from "./talos-accounts.ts";
import { admit } from "./webhooks.ts";

/** How an object is applied. */
export interface Applying {
  readonly manager: string;
  /** Takes fields away from other managers. */
  readonly force?: boolean;
  /** Release it comes with. */
  readonly release?: string;
  /** Fields that are not in the object any more and were the manager's are taken away. @default - true */
  readonly prunes?: boolean;
}

/** Owned leaves of an object: lists count as one value. */
function leaves(value: Json | undefined, path: string): [string, Json][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, item]) =>
      leaves(item, path === "" ? key : `${path}.${key.replaceAll(".", "~")}`),
    );
  }
  return value === undefined ? [] : [[path, value]];
}

function managed(object: KubeObject): [string, Json][] {
  const { apiVersion: _, kind: __, status: ___, metadata, ...rest } = object as KubeObject & { status?: unknown };
  const { labels, annotations } = metadata;
  const owned = { metadata: { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }, ...rest };
  return leaves(owned as unknown as JsonObject, "");
}

function keysOf(path: string): string[] {
  return path.split(".").map((key) => key.replaceAll("~", "."));
}

function setAt(target: Record<string, unknown>, path: string, value: Json | undefined): void {
  const keys = keysOf(path);
  const last = keys.pop() ?? "";
  let at = target;
  for (const key of keys) {
    if (typeof at[key] !== "object" || at[key] === null) {
      if (value === undefined) return;
      at[key] = {};
    }
    at = at[key] as Record<string, unknown>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

function getAt(target: unknown, path: string): unknown {
  return keysOf(path).reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    target,
  );
}

function conflicts(stored: Stored, wanted: [string, Json][], manager: string): string[] {
  return wanted.flatMap(([path, value]) => {
    const owner = stored.owners[path];
    const differs = JSON.stringify(getAt(stored.object, path)) !== JSON.stringify(value);
    return owner !== undefined && owner !== manager && differs
      ? [`conflict with "${owner}" using ${stored.object.apiVersion}: .${path.replaceAll("~", ".")}`]
      : [];
  });
}

/** Values that the API server fills in or rewrites. */
function normalise(object: KubeObject): KubeObject {
  const plain = structuredClone(object);
  delete (plain as Record<string, unknown>)["status"];
  const text = plain["stringData"] as Record<string, string> | undefined;
  if (plain.kind === "Secret" && text) {
    const encoded = Object.entries(text).map(([key, value]) => [key, Buffer.from(String(value)).toString("base64")]);
    plain["data"] = { ...(plain["data"] as object | undefined), ...Object.fromEntries(encoded) };
    delete plain["stringData"];
  }
  return plain;
}

function place(api: Api, object: KubeObject): KubeObject {
  const info = kindOf(api, object.apiVersion, object.kind);
  const { namespace, ...metadata } = object.metadata;
  if (!info.isNamespaced) return { ...object, metadata };
  const placed = { ...object, metadata: { ...metadata, namespace: namespace ?? "default" } };
  if (!hasNamespace(api, placed.metadata.namespace))
    throw new ApiError(404, `namespaces "${placed.metadata.namespace}" not found`);
  return placed;
}

/** Claims that a StatefulSet makes for its pods; they outlive it. */
function makeClaims(api: Api, set: KubeObject): void {
  const spec = set.spec as
    | { replicas?: number; volumeClaimTemplates?: { metadata: { name: string }; spec: JsonObject }[] }
    | undefined;
  for (const { metadata, spec: claim } of spec?.volumeClaimTemplates ?? []) {
    for (let index = 0; index < (spec?.replicas ?? 1); index += 1) {
      const name = `${metadata.name}-${set.metadata.name}-${index}`;
      const namespace = set.metadata.namespace ?? "default";
      if (getObject(api, "v1", "PersistentVolumeClaim", namespace, name)) continue;
      insert(api, { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name, namespace }, spec: claim }, {});
    }
  }
}

function merge(api: Api, stored: Stored, object: KubeObject, applying: Applying): Stored {
  const wanted = managed(object);
  const clashes = applying.force === true ? [] : conflicts(stored, wanted, applying.manager);
  if (clashes.length > 0) {
    throw new ApiError(
      409,
      `Apply failed with ${clashes.length} conflict${clashes.length === 1 ? "" : "s"}: ${clashes.join("; ")}`,
    );
  }
  const before = JSON.stringify(stored.object);
  const given = new Set(wanted.map(([path]) => path));
  for (const [path, owner] of Object.entries(stored.owners)) {
    if (applying.prunes === false || owner !== applying.manager || given.has(path)) continue;
    setAt(stored.object, path, undefined);
    delete stored.owners[path];
  }
  for (const [path, value] of wanted) {
    setAt(stored.object, path, value);
    stored.owners[path] = applying.manager;
  }
  if (JSON.stringify(stored.object) !== before) {
    stored.changedAt = simulatedNow(api.rack);
    stored.object.metadata.resourceVersion = String(Number(stored.object.metadata.resourceVersion ?? 0) + 1);
  }
  write(api, stored);
  return stored;
}

/** Applies an object, whether it exists or not. Throws what the API server answers. */
export function applyObject(api: Api, given: KubeObject, applying: Applying): Stored {
  const object = place(api, normalise(given));
  admit(api, object);
  const existing = getObject(api, object.apiVersion, object.kind, object.metadata.namespace, object.metadata.name);
  if (existing) return merge(api, existing, object, applying);
  const stored = insert(
    api,
    object,
    Object.fromEntries(managed(object).map(([path]) => [path, applying.manager])),
    applying.release,
  );
  if (object.kind === "StatefulSet") makeClaims(api, object);
  answerTalosAccount(api, object);
  return stored;
}

/** Deletes an object; one that is gone is no error. */
export function deleteObject(
  api: Api,
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
  name: string,
): void {
  const stored = getObject(api, apiVersion, kind, namespace, name);
  if (stored) remove(api, stored);
}
