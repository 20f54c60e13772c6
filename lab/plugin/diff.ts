// Table-driven Diff: which properties change, and whether the resource survives it.
import type { ObjectTable, ProviderTable, ResourceTable } from "./table.ts";
import { shapeOf } from "./table.ts";
import { isProperties, type Properties, reveal, same, type Value } from "./wire.ts";

type ChangeKind = "add" | "delete" | "update";

/** One changed property, as deep as it can be told. */
export interface Change {
  /** Path with positions, e.g. `disks[0].size`. */
  readonly path: string;
  readonly kind: ChangeKind;
  readonly replaces: boolean;
}

function changesOf(
  old: Value | undefined,
  next: Value | undefined,
  path: string,
): { path: string; kind: ChangeKind }[] {
  const before = old === undefined ? undefined : reveal(old);
  const after = next === undefined ? undefined : reveal(next);
  if (same(before, after)) return [];
  if (before === undefined) return [{ path, kind: "add" }];
  if (after === undefined) return [{ path, kind: "delete" }];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => changesOf(before[index], after[index], `${path}[${index}]`)).flat();
  }
  if (isProperties(before) && isProperties(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      changesOf(before[key], after[key], path === "" ? key : `${path}.${key}`),
    );
  }
  return [{ path, kind: "update" }];
}

function pattern(path: string): string {
  return path.replace(/\[\d+\]/g, "[*]");
}

/** Whether a change at `path` (with `[*]` for positions) falls under the property that `rule` names, or holds it. */
function touches(path: string, rule: string): boolean {
  const under = (inner: string, outer: string) =>
    inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  return under(path, rule);
}

/** Fills in the defaults of the table, also in nested objects: an absent property and its default mean the same. */
export function withDefaults(provider: ProviderTable, table: ObjectTable, properties: Properties): Properties {
  const filled: Properties = {};
  for (const [key, value] of Object.entries(properties)) {
    const property = table[key];
    filled[key] = property ? fillValue(provider, property.type, value) : value;
  }
  for (const [key, property] of Object.entries(table)) {
    if (property.default !== undefined && filled[key] === undefined) filled[key] = property.default;
  }
  return filled;
}

function fillValue(provider: ProviderTable, type: string, value: Value): Value {
  const shape = shapeOf(type);
  if (shape.kind === "list" && Array.isArray(value)) return value.map((item) => fillValue(provider, shape.of, item));
  if (shape.kind === "map" && isProperties(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillValue(provider, shape.of, item)]));
  }
  if (shape.kind === "object" && isProperties(value))
    return withDefaults(provider, provider.types[shape.name] ?? {}, value);
  return value;
}

/** Compares two sets of inputs. `rules` are paths whose change replaces (`disks[*].fileId`), beside what the table says. */
export function diffInputs(
  provider: ProviderTable | undefined,
  table: ResourceTable | undefined,
  rules: readonly string[],
  olds: Properties,
  news: Properties,
): Change[] {
  const fill = (properties: Properties) =>
    provider && table ? withDefaults(provider, table.inputs, properties) : properties;
  const changes = changesOf(fill(olds), fill(news), "");
  const replacing = [
    ...rules,
    ...Object.entries(table?.inputs ?? {}).flatMap(([key, property]) => (property.replace ? [key] : [])),
  ];
  return changes.map((change) => ({
    ...change,
    replaces: replacing.some((rule) => touches(pattern(change.path), rule)),
  }));
}
