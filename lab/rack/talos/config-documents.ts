// A machine configuration as text and as documents: one main document (`version: v1alpha1`) and any number of others with a kind.
import { parseAllDocuments, stringify } from "yaml";
import { clusterKeys, documentKeys, machineKeys, nestedKeys } from "./config-keys.ts";

export type Node = null | string | number | boolean | Node[] | Fields;
export type Fields = { [key: string]: Node };

/** Whether a value is a map. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a document is: the same identity in a patch and in a configuration means the same document. */
export function identityOf(document: Fields): string {
  if (document["kind"] === undefined) return "v1alpha1";
  return [document["apiVersion"], document["kind"], document["name"] ?? ""].join("/");
}

/** Reads YAML documents. Empty ones are dropped. */
export function parseDocuments(text: string): Fields[] {
  return parseAllDocuments(text).flatMap((document) => {
    const error = document.errors[0];
    if (error) throw new Error(`error decoding document: yaml: ${error.message.split("\n")[0]}`);
    const value = document.toJS() as unknown;
    if (value === null || value === undefined) return [];
    if (!isFields(value)) throw new Error("error decoding document: yaml: the document is not a map");
    return [value];
  });
}

/** Writes documents, in the order given. */
export function renderDocuments(documents: readonly Fields[]): string {
  return documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
}

function unknownKeys(fields: Node | undefined, known: ReadonlySet<string>, path: string): string[] {
  if (!isFields(fields)) return [];
  return Object.keys(fields).flatMap((key) => (known.has(key) || key === "$patch" ? [] : [`${path}${key}`]));
}

function descend(document: Fields, path: string): Node | undefined {
  return path.split(".").reduce<Node | undefined>((at, key) => (isFields(at) ? at[key] : undefined), document);
}

function unknownInMain(document: Fields): string[] {
  return [
    ...unknownKeys(document, new Set(["version", "debug", "persist", "machine", "cluster"]), ""),
    ...unknownKeys(document["machine"], machineKeys, "machine."),
    ...unknownKeys(document["cluster"], clusterKeys, "cluster."),
    ...Object.entries(nestedKeys).flatMap(([path, known]) => unknownKeys(descend(document, path), known, `${path}.`)),
  ];
}

/** Refuses kinds and keys that Talos does not know, as its strict decoder does. */
export function checkDecoding(documents: readonly Fields[]): void {
  for (const document of documents) {
    const kind = document["kind"];
    if (kind === undefined) {
      const unknown = unknownInMain(document);
      if (unknown.length > 0)
        throw new Error(`unknown keys found during decoding:\n${unknown.map((key) => `  ${key}`).join("\n")}`);
      continue;
    }
    const known = documentKeys[String(kind)];
    const version = String(document["apiVersion"]);
    if (!known || version !== "v1alpha1") {
      throw new Error(
        `error decoding document ${version}/${String(kind)}/: "${String(kind)}" "${version}": not registered`,
      );
    }
    const unknown = unknownKeys(document, new Set([...known, "apiVersion", "kind"]), "");
    if (unknown.length > 0) {
      throw new Error(
        `error decoding document ${identityOf(document)}/: unknown keys found during decoding:\n${unknown.map((key) => `  ${key}`).join("\n")}`,
      );
    }
  }
}
