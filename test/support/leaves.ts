// The single values of a description, for tests that try them one by one.

/** A single value and its place. */
export type Leaf = readonly [path: readonly string[], value: unknown];

/** Every single value, in order. */
export function leavesOf(value: unknown, path: readonly string[] = []): Leaf[] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

/** A copy in which one place has another value. */
export function withLeaf(root: unknown, path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(root);
  let at = copy as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ""] = value;
  return copy;
}
