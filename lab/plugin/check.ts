// Table-driven Check: what a provider refuses before anything happens. Texts are those of the Terraform bridge, which the official
// plug-ins are built with.
import type { ObjectTable, PropertyTable, ProviderTable } from "./table.ts";
import { shapeOf } from "./table.ts";
import { Asset, isProperties, type Properties, Secret, Unknown, type Value } from "./wire.ts";

/** What is wrong with one property. */
export interface CheckFailure {
  /** Path, e.g. `disks[0].size`; empty where it is about the resource as a whole. */
  readonly property: string;
  readonly reason: string;
}

function nameOf(value: Value): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Asset) return `an ${value.kind}`;
  return typeof value === "object" ? "an object" : typeof value === "string" ? `"${value}"` : String(value);
}

function wrongType(path: string, wanted: string, value: Value): CheckFailure {
  return { property: path, reason: `expected ${wanted}, got ${nameOf(value)}` };
}

function isScalar(kind: string, value: Value): boolean {
  // The bridge takes "5" for 5 and "true" for true, as configuration values are texts.
  if (kind === "boolean") return typeof value === "boolean" || value === "true" || value === "false";
  if (kind === "string") return ["string", "number", "boolean"].includes(typeof value);
  const number =
    typeof value === "number" || (typeof value === "string" && value.trim() !== "") ? Number(value) : Number.NaN;
  return kind === "integer" ? Number.isInteger(number) : Number.isFinite(number);
}

const WANTED: Record<string, string> = {
  boolean: "a boolean",
  string: "a string",
  integer: "a whole number",
  number: "a number",
};

function checkValue(provider: ProviderTable, table: PropertyTable, value: Value, path: string): CheckFailure[] {
  if (value instanceof Secret) return checkValue(provider, table, value.value, path);
  if (value instanceof Unknown) return [];
  const shape = shapeOf(table.type);
  switch (shape.kind) {
    case "any":
      return [];
    case "asset":
      return value instanceof Asset ? [] : [wrongType(path, "an asset or archive", value)];
    case "list":
      if (!Array.isArray(value)) return [wrongType(path, "a list", value)];
      return value.flatMap((item, index) => checkValue(provider, { type: shape.of }, item, `${path}[${index}]`));
    case "map":
      if (!isProperties(value)) return [wrongType(path, "an object", value)];
      return Object.entries(value).flatMap(([key, item]) =>
        checkValue(provider, { type: shape.of }, item, `${path}.${key}`),
      );
    case "object":
      if (!isProperties(value)) return [wrongType(path, "an object", value)];
      return checkObject(provider, provider.types[shape.name] ?? {}, value, path);
    default:
      if (!isScalar(shape.kind, value)) return [wrongType(path, WANTED[shape.kind] ?? shape.kind, value)];
      if (table.enum && !table.enum.map(String).includes(String(value))) {
        return [
          {
            property: path,
            reason: `expected one of ${table.enum.map((item) => `"${item}"`).join(", ")}, got ${nameOf(value)}`,
          },
        ];
      }
      return [];
  }
}

/** Compares properties with their table; `path` stands before each property in the failures. */
export function checkObject(
  provider: ProviderTable,
  table: ObjectTable,
  properties: Properties,
  path = "",
): CheckFailure[] {
  const prefix = path === "" ? "" : `${path}.`;
  const failures: CheckFailure[] = [];
  for (const [key, value] of Object.entries(properties)) {
    const property = table[key];
    if (!property)
      failures.push({
        property: prefix + key,
        reason: `Invalid or unknown key; known here: ${Object.keys(table).sort().join(", ")}`,
      });
    else failures.push(...checkValue(provider, property, value, prefix + key));
  }
  for (const [key, property] of Object.entries(table)) {
    if (property.required && properties[key] === undefined) {
      failures.push({
        property: prefix + key,
        reason: `Missing required argument: The argument "${key}" is required, but no definition was found`,
      });
    }
  }
  return failures;
}
