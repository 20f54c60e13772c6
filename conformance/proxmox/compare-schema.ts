// Compares a table of the lab, which speaks Pulumi's names, with the schema of the provider underneath, which speaks its own.
import { type ObjectTable, type PropertyTable, type ResourceTable, shapeOf } from "../../lab/plugin/table.ts";

/** An attribute, as `tofu providers schema -json` prints it. */
export interface SchemaAttribute {
  /** `"string"`, `["list", "string"]`, `["object", {…}]` … */
  readonly type?: unknown;
  readonly nested_type?: {
    readonly attributes: Readonly<Record<string, SchemaAttribute>>;
    readonly nesting_mode: "single" | "list" | "set" | "map";
  };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
}

/** A block, as `tofu providers schema -json` prints it. */
export interface SchemaBlock {
  readonly attributes?: Readonly<Record<string, SchemaAttribute>>;
  readonly block_types?: Readonly<
    Record<
      string,
      {
        readonly block: SchemaBlock;
        readonly nesting_mode: string;
        readonly min_items?: number;
        readonly max_items?: number;
      }
    >
  >;
}

/** One property in the provider's words, whether it is written as an attribute or as a block. */
interface Field {
  readonly name: string;
  /** Language of {@link PropertyTable.type}; objects are `#`. */
  readonly type: string;
  readonly fields: readonly Field[];
  readonly settable: boolean;
  readonly required: boolean;
  readonly sensitive: boolean;
}

type Types = Readonly<Record<string, ObjectTable>>;

/** Every difference in names, types, what is required, what is read-only and what is secret. */
export function compareWithProvider(table: ResourceTable, types: Types, block: SchemaBlock): string[] {
  // Every resource has an id of Pulumi's own; the provider's, where it is a required input, goes by another name.
  const fields = fieldsOf(block).filter(({ name, required }) => name !== "id" || required);
  const properties = { ...table.outputs, ...table.inputs };
  const readOnly = (name: string): boolean => !(name in table.inputs);
  return compare(properties, types, fields, "", readOnly);
}

function compare(
  properties: ObjectTable,
  types: Types,
  fields: readonly Field[],
  path: string,
  readOnly?: (name: string) => boolean,
): string[] {
  const complaints: string[] = [];
  const left = new Set(Object.keys(properties));
  for (const field of fields) {
    const name = pulumiNames(field).find((candidate) => left.has(candidate));
    const property = name === undefined ? undefined : properties[name];
    if (name === undefined || property === undefined) {
      complaints.push(`${path}${field.name} is missing`);
      continue;
    }
    left.delete(name);
    if (readOnly !== undefined && readOnly(name) === field.settable) {
      complaints.push(`${path}${name} is ${field.settable ? "an input" : "read-only"} of the provider`);
    }
    // A name that the provider requires is made up by Pulumi where it is left out.
    const mayBeMadeUp = name === "name" || name === "resourceId";
    if (readOnly !== undefined && !mayBeMadeUp && (property.required ?? false) !== field.required) {
      complaints.push(`${path}${name} is ${field.required ? "required" : "optional"} in the provider`);
    }
    if (field.sensitive && property.secret !== true) complaints.push(`${path}${name} is a secret of the provider`);
    complaints.push(...compareTypes(property, types, field, `${path}${name}`));
  }
  return [...complaints, ...[...left].sort().map((name) => `${path}${name} does not exist in the provider`)];
}

function compareTypes(property: PropertyTable, types: Types, field: Field, path: string): string[] {
  const [ours, inner] = unwrap(property.type);
  const [theirs, theirInner] = unwrap(field.type);
  const isNumber = (kind: string): boolean => kind === "integer" || kind === "number";
  const shape = shapeOf(inner);
  const same =
    shape.kind === "object" ? theirInner === "#" : inner === theirInner || (isNumber(inner) && isNumber(theirInner));
  if (ours !== theirs || !same) return [`${path} is ${field.type} in the provider, not ${property.type}`];
  const table = shape.kind === "object" ? types[shape.name] : undefined;
  return table === undefined ? [] : compare(table, types, field.fields, `${path}.`);
}

/** Splits `#Name[]` into what is around and what is inside. */
function unwrap(type: string): [around: string, inside: string] {
  const shape = shapeOf(type);
  if (shape.kind !== "list" && shape.kind !== "map") return ["", type];
  const [around, inside] = unwrap(shape.of);
  return [`${shape.kind} ${around}`, inside];
}

function fieldsOf(block: SchemaBlock): Field[] {
  const attributes = Object.entries(block.attributes ?? {}).map(([name, attribute]) => attributeField(name, attribute));
  const blocks = Object.entries(block.block_types ?? {}).map(([name, inner]): Field => {
    const single = inner.nesting_mode === "single" || inner.max_items === 1;
    return {
      name,
      type: single ? "#" : "#[]",
      fields: fieldsOf(inner.block),
      settable: true,
      required: (inner.min_items ?? 0) > 0,
      sensitive: false,
    };
  });
  return [...attributes, ...blocks];
}

function attributeField(name: string, attribute: SchemaAttribute): Field {
  const { nested_type: nested } = attribute;
  const common = {
    name,
    settable: attribute.required === true || attribute.optional === true,
    required: attribute.required === true,
    sensitive: attribute.sensitive === true,
  };
  if (nested === undefined) return { ...common, ...typed(attribute.type) };
  const around = { single: "#", list: "#[]", set: "#[]", map: "{#}" }[nested.nesting_mode];
  const fields = Object.entries(nested.attributes).map(([key, inner]) => attributeField(key, inner));
  return { ...common, type: around, fields };
}

function typed(type: unknown): Pick<Field, "type" | "fields"> {
  if (!Array.isArray(type)) {
    const words: Readonly<Record<string, string>> = {
      bool: "boolean",
      number: "number",
      string: "string",
      dynamic: "any",
    };
    return { type: words[String(type)] ?? "any", fields: [] };
  }
  const [kind, inner] = type as [string, unknown];
  if (kind === "object") {
    const fields = Object.entries(inner as Record<string, unknown>).map(
      ([name, of]): Field => ({ name, ...typed(of), settable: true, required: false, sensitive: false }),
    );
    return { type: "#", fields };
  }
  const of = typed(inner);
  return { type: kind === "map" ? `{${of.type}}` : `${of.type}[]`, fields: of.fields };
}

/** What Pulumi may call a field: camel case, in the plural where there may be many of it. */
function pulumiNames({ name, type }: Field): string[] {
  const camel = name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (name === "id") return ["resourceId", `${camel}`];
  if (!type.endsWith("[]")) return [camel];
  const plural = /(s|x|ch)$/.test(camel)
    ? `${camel}es`
    : camel.endsWith("y")
      ? `${camel.slice(0, -1)}ies`
      : `${camel}s`;
  return [plural, camel];
}
