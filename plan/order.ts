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
  const entries = sorted(Object.entries(record));
  if (entries.length > REMEMBERED) remembered.set(record, entries);
  return entries;
}

/** Most maps are written in order; looking is much cheaper than sorting, and large racks have hundreds of thousands of maps. */
function sorted<T>(entries: [string, T][]): [string, T][] {
  for (let i = 1; i < entries.length; i += 1) {
    if ((entries[i - 1]?.[0] ?? "") > (entries[i]?.[0] ?? "")) return entries.sort(([a], [b]) => compareText(a, b));
  }
  return entries;
}
