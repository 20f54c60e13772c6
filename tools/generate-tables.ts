// Derives lab/tables/<provider>.json from an official provider schema: what the simulated plug-ins check against, without the texts.
// Usage: node tools/generate-tables.ts <schema.json> [<token>…]; without tokens, everything in the schema.
import { readFileSync, writeFileSync } from "node:fs";
import type { ObjectTable, PropertyTable, ResourceTable } from "../lab/plugin/table.ts";

interface TypeSpec {
  type?: string;
  $ref?: string;
  items?: TypeSpec;
  additionalProperties?: TypeSpec;
  oneOf?: TypeSpec[];
}
interface PropertySpec extends TypeSpec {
  description?: string;
  default?: string | number | boolean;
  secret?: boolean;
  willReplaceOnChanges?: boolean;
  replaceOnChanges?: boolean;
}
interface ObjectSpec {
  type?: string;
  properties?: Record<string, PropertySpec>;
  required?: string[];
  enum?: { value: string | number }[];
}
interface ResourceSpec extends ObjectSpec {
  inputProperties?: Record<string, PropertySpec>;
  requiredInputs?: string[];
}
interface Schema {
  name: string;
  version?: string;
  provider?: ResourceSpec;
  resources: Record<string, ResourceSpec>;
  functions: Record<string, { inputs?: ObjectSpec; outputs?: ObjectSpec }>;
  types: Record<string, ObjectSpec>;
}

/** Text of a file name like `proxmoxve-8.3.0.json` when the schema itself does not say its version. */
function versionOf(schema: Schema, file: string): string {
  return schema.version ?? /-(\d+\.\d+\.\d+)\.json$/.exec(file)?.[1] ?? "0.0.0";
}

class Generator {
  readonly schema: Schema;
  readonly types: Record<string, ObjectTable> = {};
  readonly names = new Map<string, string>();

  constructor(schema: Schema) {
    this.schema = schema;
  }

  /** Short name of a type: the last part of its token, with the folder before it where that is taken. */
  typeName(token: string): string {
    const known = this.names.get(token);
    if (known !== undefined) return known;
    const last = token.split(":").at(-1) ?? token;
    const taken = new Set(this.names.values());
    const name = taken.has(last) ? (token.split(":")[1] ?? last) : last;
    this.names.set(token, name);
    return name;
  }

  typeText(spec: TypeSpec): string {
    if (spec.$ref?.startsWith("pulumi.json#/")) return /#\/(Any|Json)$/.test(spec.$ref) ? "any" : "asset";
    // The talos schema has references with and without the slash.
    const ownType = /^#\/?types\/(.+)$/.exec(spec.$ref ?? "")?.[1];
    if (ownType !== undefined) {
      const token = decodeURIComponent(ownType);
      const object = this.schema.types[token];
      if (!object || (object.enum && !object.properties)) return object?.type ?? "any";
      const name = this.typeName(token);
      if (!(name in this.types)) {
        // Entered before it is filled: types may refer to themselves.
        this.types[name] = {};
        this.types[name] = this.object(object.properties ?? {}, object.required ?? []);
      }
      return `#${name}`;
    }
    if (spec.$ref) return "any";
    if (spec.oneOf) return spec.type ?? this.typeText(spec.oneOf[0] ?? {});
    if (spec.type === "array") return `${this.typeText(spec.items ?? {})}[]`;
    if (spec.type === "object") return `{${this.typeText(spec.additionalProperties ?? { type: "string" })}}`;
    return spec.type ?? "any";
  }

  /** The bridge keeps defaults only in the descriptions: "(defaults to `100`)". */
  defaultOf(spec: PropertySpec): string | number | boolean | undefined {
    if (spec.default !== undefined) return spec.default;
    // Words are spelt for each language; HCL keeps the vendor's spelling (`io_uring`, where others get `ioUring`).
    const said = /[Dd]efaults? to (?:<span[^>]*pulumi-lang-hcl="`([^`]*)`"[^>]*>)?`([^`]*)`/.exec(
      spec.description ?? "",
    );
    const text = (said?.[1] ?? said?.[2])?.replace(/^"(.*)"$/, "$1");
    if (text === undefined || text === "") return undefined;
    switch (spec.type) {
      case "boolean":
        return text === "true" ? true : text === "false" ? false : undefined;
      case "integer":
      case "number":
        return Number.isFinite(Number(text)) ? Number(text) : undefined;
      case "string":
        return text;
      default:
        return undefined;
    }
  }

  enumOf(spec: PropertySpec): (string | number)[] | undefined {
    const token = spec.$ref?.startsWith("#/types/")
      ? decodeURIComponent(spec.$ref.slice("#/types/".length))
      : undefined;
    return token === undefined ? undefined : this.schema.types[token]?.enum?.map(({ value }) => value);
  }

  property(spec: PropertySpec, required: boolean): PropertyTable {
    const fallback = this.defaultOf(spec);
    const values = this.enumOf(spec);
    return {
      type: this.typeText(spec),
      ...(required && { required }),
      ...((spec.willReplaceOnChanges || spec.replaceOnChanges) && { replace: true }),
      ...(spec.secret && { secret: true }),
      ...(fallback !== undefined && !required && { default: fallback }),
      ...(values && { enum: values }),
    };
  }

  object(properties: Record<string, PropertySpec>, required: readonly string[]): ObjectTable {
    const entries = Object.entries(properties).sort(([left], [right]) => (left < right ? -1 : 1));
    return Object.fromEntries(entries.map(([key, spec]) => [key, this.property(spec, required.includes(key))]));
  }

  resource(
    inputs: Record<string, PropertySpec>,
    requiredInputs: readonly string[],
    outputs: Record<string, PropertySpec>,
    present: readonly string[],
  ): ResourceTable {
    const computed = (table: ObjectTable) =>
      Object.fromEntries(
        Object.entries(table).map(([key, { required: _, ...property }]) => [
          key,
          { ...property, ...(present.includes(key) && { computed: true }) },
        ]),
      );
    const inputTable = this.object(inputs, requiredInputs);
    const marked = Object.entries(inputTable).map(([key, property]) => {
      const decided = present.includes(key) && !property.required && property.default === undefined;
      return [key, { ...property, ...(decided && { computed: true }) }];
    });
    const only = Object.entries(outputs).filter(([key]) => !(key in inputs));
    return { inputs: Object.fromEntries(marked), outputs: computed(this.object(Object.fromEntries(only), present)) };
  }
}

/** One property a line: small, and a change of the schema reads as a diff. */
function print(value: unknown, depth: number): string {
  const isLeaf = typeof value !== "object" || value === null || typeof (value as { type?: unknown }).type === "string";
  const entries = isLeaf ? [] : Object.entries(value as object);
  if (isLeaf || entries.length === 0) return JSON.stringify(value);
  const pad = " ".repeat(depth + 1);
  return `{\n${entries.map(([key, item]) => `${pad}${JSON.stringify(key)}: ${print(item, depth + 1)}`).join(",\n")}\n${" ".repeat(depth)}}`;
}

/** The table for some tokens of a schema, as text. */
export function generateTable(schema: Schema, version: string, tokens: readonly string[]): string {
  const generator = new Generator(schema);
  const wanted = (token: string) => tokens.length === 0 || tokens.includes(token);
  const missing = tokens.filter((token) => !(token in schema.resources) && !(token in schema.functions));
  if (missing.length > 0) throw new Error(`not in the schema: ${missing.join(", ")}`);
  const resources = Object.entries(schema.resources)
    .filter(([token]) => wanted(token))
    .map(([token, spec]) => [
      token,
      generator.resource(
        spec.inputProperties ?? {},
        spec.requiredInputs ?? [],
        spec.properties ?? {},
        spec.required ?? [],
      ),
    ]);
  const functions = Object.entries(schema.functions)
    .filter(([token]) => wanted(token) && !token.startsWith("pulumi:"))
    .map(([token, { inputs, outputs }]) => [
      token,
      generator.resource(
        inputs?.properties ?? {},
        inputs?.required ?? [],
        outputs?.properties ?? {},
        outputs?.required ?? [],
      ),
    ]);
  const table = {
    name: schema.name,
    version,
    config: generator.object(schema.provider?.inputProperties ?? {}, schema.provider?.requiredInputs ?? []),
    resources: Object.fromEntries(resources),
    functions: Object.fromEntries(functions),
    types: generator.types,
  };
  return `${print(table, 0)}\n`;
}

if (import.meta.main ?? process.argv[1]?.endsWith("generate-tables.ts")) {
  const [file, ...tokens] = process.argv.slice(2);
  if (file === undefined) throw new Error("usage: node tools/generate-tables.ts <schema.json> [<token>…]");
  const schema = JSON.parse(readFileSync(file, "utf8")) as Schema;
  const target = new URL(`../lab/tables/${schema.name}.json`, import.meta.url);
  writeFileSync(target, generateTable(schema, versionOf(schema, file), tokens));
}
