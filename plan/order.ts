// One order for everything, so that the order in the YAML never becomes identity.

/** Text order by code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Maps with more entries than this are sorted once: those of the whole rack are gone through by every part of the plan. */
const REMEMBERED = 100;
const remembered = new WeakMap<object, readonly (readonly [string, unknown])[]>();

/** Entries of a map that no longer changes, by key. */
export function sortedEntries<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  const known = remembered.get(record);
  if (known !== undefined) return known as readonly (readonly [string, T])[];
  const entries = inOrder(Object.entries(record), ([a], [b]) => compareText(a, b));
  if (entries.length > REMEMBERED) remembered.set(record, entries);
  return entries;
}

/** A new list in order. Most are in order already: looking is much cheaper than sorting, and large racks have hundreds of thousands. */
export function inOrder<T>(items: Iterable<T>, compare: (a: T, b: T) => number): T[] {
  const list = [...items];
  for (let i = 1; i < list.length; i += 1) {
    if (compare(list[i - 1] as T, list[i] as T) > 0) return list.sort(compare);
  }
  return list;
}

/** Texts in the one order. */
export function sortedTexts(texts: Iterable<string>): string[] {
  return inOrder(texts, compareText);
}
