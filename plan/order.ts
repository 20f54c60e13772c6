// One order for everything, so that the order in the YAML never becomes identity.

/** Text order by code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Entries of a map, by key. */
export function sortedEntries<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  const entries = Object.entries(record);
  // Most maps are written in order; looking is much cheaper than sorting, and large racks have hundreds of thousands of maps.
  for (let i = 1; i < entries.length; i += 1) {
    if ((entries[i - 1]?.[0] ?? "") > (entries[i]?.[0] ?? "")) return entries.sort(([a], [b]) => compareText(a, b));
  }
  return entries;
}
