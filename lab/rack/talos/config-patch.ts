// Strategic merge patches on a machine configuration, with the rules of Talos (pkg/machinery/config/configpatcher, config/merge):
// maps are merged, lists are appended to, a few lists are replaced or merged by a key, `$patch: delete` takes away.
import { type Fields, identityOf, isFields, type Node, parseDocuments, renderDocuments } from "./config-documents.ts";

/** Lists that a patch replaces instead of appending to (tagged `merge:"replace"` in the Talos sources). */
const REPLACED = new Set([
  "cluster.network.podSubnets",
  "cluster.network.serviceSubnets",
  "cluster.apiServer.auditPolicy",
  "NetworkRuleConfig.portSelector.ports",
  "NetworkRuleConfig.ingress",
]);

/** Lists whose elements are the same when they agree in one of these keys. */
const KEYED: Readonly<Record<string, readonly string[]>> = {
  "machine.network.interfaces": ["interface", "deviceSelector"],
  "machine.network.interfaces.vlans": ["vlanId"],
  "cluster.apiServer.admissionControl": ["name"],
  "cluster.inlineManifests": ["name"],
};

function isDeletion(value: Node | undefined): boolean {
  return isFields(value) && value["$patch"] === "delete";
}

function sameElement(left: Node, right: Node, keys: readonly string[]): boolean {
  if (!isFields(left) || !isFields(right)) return false;
  return keys.some((key) => left[key] !== undefined && JSON.stringify(left[key]) === JSON.stringify(right[key]));
}

function mergeLists(base: Node[], patch: Node[], path: string): Node[] {
  if (REPLACED.has(path)) return patch;
  const keys = KEYED[path];
  const result = [...base];
  for (const element of patch) {
    if (isFields(element) && element["$patch"] === "delete") {
      const { $patch: _, ...selector } = element;
      const at = result.findIndex((other) => sameElement(other, selector, keys ?? Object.keys(selector)));
      if (at >= 0) result.splice(at, 1);
      continue;
    }
    const at = keys ? result.findIndex((other) => sameElement(other, element, keys)) : -1;
    if (at < 0) result.push(element);
    else result[at] = mergeValues(result[at], element, path);
  }
  return result;
}

function mergeValues(base: Node | undefined, patch: Node, path: string): Node {
  if (isFields(patch)) return mergeFields(isFields(base) ? base : {}, patch, path);
  if (Array.isArray(patch)) return Array.isArray(base) ? mergeLists(base, patch, path) : mergeLists([], patch, path);
  return patch;
}

function mergeFields(base: Fields, patch: Fields, path: string): Fields {
  const result = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (isDeletion(value)) delete result[key];
    else if (value !== null) result[key] = mergeValues(result[key], value, at);
  }
  return result;
}

function applyPatch(documents: readonly Fields[], patch: Fields): Fields[] {
  const identity = identityOf(patch);
  const index = documents.findIndex((document) => identityOf(document) === identity);
  if (isDeletion(patch)) return documents.filter((_, position) => position !== index);
  const path = patch["kind"] === undefined ? "" : String(patch["kind"]);
  const merged = mergeFields(documents[index] ?? {}, patch, path);
  return index < 0
    ? [...documents, merged]
    : documents.map((document, position) => (position === index ? merged : document));
}

function isJsonPatch(text: string): boolean {
  return /^\s*(\[|- op:)/.test(text);
}

/** Applies patches (each any number of YAML documents) in order. */
export function patchConfiguration(configuration: string, patches: readonly string[]): string {
  let documents = parseDocuments(configuration);
  for (const patch of patches) {
    if (isJsonPatch(patch))
      throw new Error("JSON6902 patches are not supported for multi-document machine configuration");
    for (const document of parseDocuments(patch)) documents = applyPatch(documents, document);
  }
  return renderDocuments(documents);
}
