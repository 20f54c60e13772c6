// The tables in lab/tables: which properties each resource has, derived from the official schemas by tools/generate-tables.ts.
import { readFileSync } from "node:fs";

/**
 * One property. `type` is `string`, `integer`, `number`, `boolean`, `any`, `asset`, `#<name of a type in the table>`, or `T[]` / `{T}` for
 * a list / a map of any of these.
 */
export interface PropertyTable {
  readonly type: string;
  readonly required?: boolean;
  /** A change replaces the resource. */
  readonly replace?: boolean;
  readonly secret?: boolean;
  /** The value an absent property means. */
  readonly default?: string | number | boolean;
  readonly enum?: readonly (string | number)[];
  /** Always present afterwards, whether given or not: not known in a preview when it is not given and has no default. */
  readonly computed?: boolean;
}

/** Properties by name. */
export type ObjectTable = Readonly<Record<string, PropertyTable>>;

/** Properties of a resource or function. */
export interface ResourceTable {
  readonly inputs: ObjectTable;
  /** Outputs that are not inputs too. */
  readonly outputs: ObjectTable;
}

/** What an official plug-in takes and gives. */
export interface ProviderTable {
  readonly name: string;
  /** Version of the official plug-in that the table was derived from. */
  readonly version: string;
  readonly config: ObjectTable;
  readonly resources: Readonly<Record<string, ResourceTable>>;
  readonly functions: Readonly<Record<string, ResourceTable>>;
  readonly types: Readonly<Record<string, ObjectTable>>;
}

/** Reads the table of a provider from `lab/tables`. */
export function loadTable(provider: string): ProviderTable {
  return JSON.parse(readFileSync(new URL(`../tables/${provider}.json`, import.meta.url), "utf8")) as ProviderTable;
}

/** What a type text is made of. */
type TypeShape =
  | { kind: "list" | "map"; of: string }
  | { kind: "object"; name: string }
  | { kind: "string" | "integer" | "number" | "boolean" | "any" | "asset" };

/** Reads the text by which a table names a type: `string`, `#Name`, `string[]`, `{string}`. */
export function shapeOf(type: string): TypeShape {
  if (type.endsWith("[]")) return { kind: "list", of: type.slice(0, -2) };
  if (type.startsWith("{")) return { kind: "map", of: type.slice(1, -1) };
  if (type.startsWith("#")) return { kind: "object", name: type.slice(1) };
  return { kind: type as "string" };
}
