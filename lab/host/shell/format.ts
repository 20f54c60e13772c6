// `printf`: the format is used again until all arguments are taken.

const ESCAPES: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

function resolveEscapes(text: string): string {
  return text.replace(/\\([0-7]{1,3}|.)/gs, (whole, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? whole),
  );
}

function pad(text: string, flags: string, width: string): string {
  const size = Number(width || 0);
  if (flags.includes("-")) return text.padEnd(size);
  return text.padStart(size, flags.includes("0") ? "0" : " ");
}

export function formatText(format: string, values: readonly string[]): string {
  const rest = [...values];
  let text = "";
  do {
    const before = rest.length;
    text += format.replace(
      /%([-0+ #]*)(\d*)(?:\.(\d+))?([a-zA-Z%])|\\(?:[0-7]{1,3}|[\s\S])/g,
      (whole, flags = "", width = "", precision, kind) => {
        if (kind === undefined) return resolveEscapes(whole);
        if (kind === "%") return "%";
        const value = rest.shift() ?? "";
        if (kind === "b") return pad(resolveEscapes(value), flags, width);
        if (kind === "d" || kind === "i" || kind === "u")
          return pad(String(Math.trunc(Number(value)) || 0), flags, width);
        if (kind === "x") return pad((Math.trunc(Number(value)) || 0).toString(16), flags, width);
        return pad(precision === undefined ? value : value.slice(0, Number(precision)), flags, width);
      },
    );
    if (rest.length === before) break;
  } while (rest.length > 0);
  return text;
}
