// Patterns of the shell (`*`, `?`, `[…]`) for `case`, `${name%pattern}` and file names.

/** Text with a mark on what was quoted: quoted characters stand for themselves. */
export interface Piece {
  readonly text: string;
  readonly quoted: boolean;
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

/** The body of a regular expression for a pattern; `any` is what `*` may run over (`[^/]` in file names). */
export function patternSource(pieces: readonly Piece[], any = "[\\s\\S]", isLazy = false): string {
  return pieces.map(({ text, quoted }) => (quoted ? literal(text) : unquotedSource(text, any, isLazy))).join("");
}

function unquotedSource(text: string, any: string, isLazy: boolean): string {
  let source = "";
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? "";
    const set = /^\[(!?)(\]?[^\]]*)\]/.exec(text.slice(index));
    if (character === "*") source += `${any}*${isLazy ? "?" : ""}`;
    else if (character === "?") source += any;
    else if (set) {
      source += `[${set[1] === "!" ? "^" : ""}${(set[2] ?? "").replace(/[\\\]^]/g, "\\$&").replace(/\[:(\w+):\\?\]?/g, classSource)}]`;
      index += set[0].length - 1;
    } else source += literal(character);
  }
  return source;
}

const CLASSES: Record<string, string> = {
  digit: "0-9",
  alpha: "A-Za-z",
  alnum: "A-Za-z0-9",
  space: "\\s",
  lower: "a-z",
  upper: "A-Z",
};

function classSource(_match: string, name: string): string {
  return CLASSES[name] ?? "";
}

export function matchesPattern(text: string, pieces: readonly Piece[]): boolean {
  return new RegExp(`^${patternSource(pieces)}$`).test(text);
}

/** Whether a word asks for file names at all. */
export function isPattern(pieces: readonly Piece[]): boolean {
  return pieces.some(({ text, quoted }) => !quoted && /[*?]|\[.*\]/.test(text));
}

/** Takes away the shortest or longest head (`#`, `##`) or tail (`%`, `%%`) that matches. */
export function trimPattern(text: string, operator: string, pieces: readonly Piece[]): string {
  const isLongest = operator.length === 2;
  const lengths = Array.from({ length: text.length + 1 }, (_, index) => (isLongest ? text.length - index : index));
  const isHead = operator.startsWith("#");
  for (const length of lengths) {
    const cut = isHead ? text.slice(0, length) : text.slice(text.length - length);
    if (matchesPattern(cut, pieces)) return isHead ? text.slice(length) : text.slice(0, text.length - length);
  }
  return text;
}
