// The part of kubectl's JSONPath templates that scripts use: fields, `[*]`, an index, one comparison, `range`, and literal text.

type Step = { field: string } | { index: number } | { all: true } | { path: readonly Step[]; equals: string };
type Piece = { text: string } | { path: readonly Step[] } | { range: readonly Step[]; body: readonly Piece[] };

/** A template that cannot be read. */
export class JsonPathError extends Error {}

function readPath(text: string): Step[] {
  const steps: Step[] = [];
  let rest = text.trim().replace(/^[@$]/, "");
  while (rest !== "") {
    const field = /^\.?((?:[A-Za-z0-9_/-]|\\\.)+)/.exec(rest);
    const quoted = /^\['((?:[^'\\]|\\.)*)'\]/.exec(rest);
    const all = /^\[\*\]|^\.\*/.exec(rest);
    const index = /^\[(-?\d+)\]/.exec(rest);
    const filter = /^\[\?\((@[^=\s]*)\s*==\s*["']([^"']*)["']\)\]/.exec(rest);
    const match = all ?? index ?? filter ?? quoted ?? field;
    if (match === null || match === undefined)
      throw new JsonPathError(`error parsing jsonpath ${text}, unrecognized: ${rest}`);
    if (match === all) steps.push({ all: true });
    else if (match === index) steps.push({ index: Number(match[1]) });
    else if (match === filter) steps.push({ path: readPath(match[1] ?? ""), equals: match[2] ?? "" });
    else steps.push({ field: (match[1] ?? "").replaceAll("\\.", ".") });
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function readTemplate(template: string): Piece[] {
  const stack: { pieces: Piece[]; range?: Step[] }[] = [{ pieces: [] }];
  const top = () => stack.at(-1) as { pieces: Piece[]; range?: Step[] };
  for (const [token] of template.matchAll(/\{(?:[^{}"']|"(?:[^"\\]|\\.)*"|'[^']*')*\}|[^{]+/g)) {
    const inner = token.startsWith("{") ? token.slice(1, -1).trim() : undefined;
    if (inner === undefined) top().pieces.push({ text: token });
    else if (inner.startsWith('"')) top().pieces.push({ text: JSON.parse(inner) as string });
    else if (inner.startsWith("range ")) stack.push({ pieces: [], range: readPath(inner.slice("range ".length)) });
    else if (inner === "end") {
      const { pieces, range } = stack.pop() ?? { pieces: [] };
      if (range === undefined) throw new JsonPathError("not in range, nothing to end");
      top().pieces.push({ range, body: pieces });
    } else top().pieces.push({ path: readPath(inner) });
  }
  if (stack.length > 1) throw new JsonPathError("unterminated range");
  return top().pieces;
}

function find(values: readonly unknown[], path: readonly Step[]): unknown[] {
  return path.reduce<unknown[]>(
    (found, step) =>
      found.flatMap((value) => {
        const list = Array.isArray(value) ? value : [];
        if ("all" in step) return Array.isArray(value) ? list : Object.values((value ?? {}) as object);
        if ("index" in step) return list.slice(step.index, step.index === -1 ? undefined : step.index + 1);
        if ("equals" in step) return list.filter((item) => String(find([item], step.path)[0]) === step.equals);
        const next = (value as Record<string, unknown> | null | undefined)?.[step.field];
        return next === undefined || next === null ? [] : [next];
      }),
    [...values],
  );
}

const show = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));

function render(pieces: readonly Piece[], value: unknown): string {
  return pieces
    .map((piece) => {
      if ("text" in piece) return piece.text;
      if ("range" in piece)
        return find([value], piece.range)
          .map((item) => render(piece.body, item))
          .join("");
      return find([value], piece.path).map(show).join(" ");
    })
    .join("");
}

/** Fills a template in; what is not there is empty. */
export function renderJsonPath(template: string, value: unknown): string {
  return render(readTemplate(template), value);
}
