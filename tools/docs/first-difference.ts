// The first line in which two texts differ, as a person wants to see it.

/** `12: is "…", should be "…"`; undefined when they are the same. */
export function firstDifference(actual: string, expected: string): string | undefined {
  if (actual === expected) return undefined;
  const [is, should] = [actual.split("\n"), expected.split("\n")];
  const at = should.findIndex((line, i) => line !== is[i]);
  const line = at < 0 ? should.length : at;
  return `${line + 1}: is ${shorten(is[line])}, should be ${shorten(should[line])}`;
}

function shorten(line: string | undefined): string {
  if (line === undefined) return "the end";
  return JSON.stringify(line.length > 100 ? `${line.slice(0, 99)}…` : line);
}
