// Durations as Go writes them: `10m`, `1h30m`, `720h`.

const UNIT_SEC: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** Seconds; undefined where the text is no duration. */
export function parseDurationSec(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNIT_SEC[unit ?? ""] ?? 0),
    0,
  );
}
