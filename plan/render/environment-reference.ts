// Every key of a description as a page: its type, its default and what it is for, from the JSON Schema.
import { generatedDocument, markdownTable, section } from "./markdown-table.ts";

/** The part of JSON Schema that zod writes. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
}

/** What the page is made of. */
export interface EnvironmentReferenceArgs {
  readonly environment: object;
  readonly simulation: object;
  /** Settings beside the description. */
  readonly settings: Readonly<Record<string, object>>;
  readonly source: string;
}

type Row = readonly [key: string, type: string, isRequired: string, byDefault: string, description: string];

/** Renders the page: one section a top-level key. */
export function renderEnvironmentReference(args: EnvironmentReferenceArgs): string {
  const environment = args.environment as Schema;
  const required = new Set(environment.required);
  const sections = Object.entries(environment.properties ?? {}).map(([key, schema]) =>
    section(key, table(rowsOf(key, schema, required.has(key)))),
  );
  const settings = Object.entries(args.settings).map(
    ([key, schema]): Row => row(`homelab:${key}`, schema as Schema, false),
  );
  return generatedDocument(
    "The description of a rack",
    args.source,
    "Everything under `homelab:environment` in `Pulumi.<stack>.yaml`. `<name>` stands for a name of your choice, `[]` for each " +
      "item of a list. Unknown keys are refused. The sample to start from is `Pulumi.homelab.yaml`; what can be wrong with a " +
      "description is in [problems.md](problems.md).",
    ...sections,
    section(
      "homelab:simulation",
      "Only in the file of a simulated twin, and instead of a description.",
      table(rowsOf("simulation", args.simulation as Schema, false)),
    ),
    section(
      "Settings beside the description",
      "How a real rack is reached; set with `pulumi config set`.",
      table(settings),
    ),
  );
}

function table(rows: readonly Row[]): string {
  return markdownTable(["key", "type", "required", "default", "what it is"], rows);
}

function rowsOf(path: string, schema: Schema, isRequired: boolean): Row[] {
  const children = childrenOf(path, schema);
  // `vlans.<name>` says nothing that the lines below it do not say.
  const isShape = path.endsWith(".<name>") && children.length > 0 && schema.description === undefined;
  return [...(isShape ? [] : [row(path, schema, isRequired)]), ...children];
}

function childrenOf(path: string, schema: Schema): Row[] {
  const required = new Set(schema.required);
  const named = Object.entries(schema.properties ?? {}).flatMap(([key, child]) =>
    rowsOf(`${path}.${key}`, child, required.has(key)),
  );
  const rest = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  const free = rest === undefined ? [] : isPlain(rest) ? [] : rowsOf(`${path}.<name>`, rest, false);
  const items = schema.items === undefined || isPlain(schema.items) ? [] : childrenOf(`${path}[]`, schema.items);
  const forms = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap((form) => childrenOf(path, form));
  return [...named, ...free, ...items, ...forms];
}

/** Nothing below it that would deserve a line. */
function isPlain(schema: Schema): boolean {
  return (
    schema.properties === undefined &&
    schema.additionalProperties === undefined &&
    schema.items === undefined &&
    schema.oneOf === undefined
  );
}

function row(path: string, schema: Schema, isRequired: boolean): Row {
  const byDefault = schema.default === undefined ? "" : `\`${JSON.stringify(schema.default)}\``;
  return [`\`${path}\``, typeOf(schema), isRequired ? "yes" : "", byDefault, schema.description ?? ""];
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  const forms = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  if (forms.length > 0) return [...new Set(forms.map(typeOf))].join(" or ");
  if (schema.type === "array") {
    if (schema.prefixItems !== undefined) return `list of ${schema.prefixItems.length}`;
    return `list of ${schema.items === undefined ? "anything" : typeOf(schema.items)}`;
  }
  if (schema.type === "object") {
    const rest = schema.additionalProperties;
    return typeof rest === "object" ? `map of ${typeOf(rest)}` : "map";
  }
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : String(schema.type ?? "anything");
  return `${type}${limits(schema)}`;
}

function limits(schema: Schema): string {
  const low = schema.minimum ?? schema.exclusiveMinimum;
  // Every JavaScript integer has this limit; nobody needs to read it.
  const high = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum;
  if (low === undefined || low === Number.MIN_SAFE_INTEGER) return high === undefined ? "" : ` up to ${high}`;
  const from = schema.minimum === undefined ? `above ${low}` : `from ${low}`;
  return high === undefined ? ` ${from}` : ` ${from} to ${high}`;
}
