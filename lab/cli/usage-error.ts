// What is shown, without a stack, to a person who typed something that cannot be done.

/** `message` says what is wrong; `ways` are commands that work. */
export class UsageError extends Error {
  readonly ways: readonly string[];
  constructor(message: string, ways: readonly string[] = []) {
    super(message);
    this.name = "UsageError";
    this.ways = ways;
  }
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known word that was probably meant; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, off: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.off - b.off || (a.candidate < b.candidate ? -1 : 1));
  const [best] = ranked;
  const allowed = Math.max(2, Math.floor(word.length / 3));
  return best && best.off <= allowed
    ? best.candidate
    : known.find((candidate) => word !== "" && candidate.includes(word));
}

/** There is no such thing in the rack: names the one that was probably meant, or else all there are. */
export function notFound(what: string, word: string, known: readonly string[]): UsageError {
  const near = nearest(word, known);
  const list = known.length === 0 ? "there is none at all" : `known: ${[...known].sort().join(", ")}`;
  return new UsageError(
    `there is no ${what} "${word}"${near === undefined ? `\n  ${list}` : `; did you mean ${near}?`}`,
  );
}
