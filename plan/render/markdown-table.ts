// Markdown tables, with columns as wide as their widest cell so that they read well as text, too.

/** A table; pipes in cells are escaped. Without rows it says that there are none. */
export function markdownTable(
  headers: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  if (rows.length === 0) return "None.";
  const cells = [headers, ...rows].map((row) => row.map((cell) => String(cell ?? "").replaceAll("|", "\\|")));
  const widths = headers.map((_, i) => Math.max(3, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, i) => (row[i] ?? "").padEnd(width)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)].join("\n");
}

/** A section with a heading of the second level. */
export function section(title: string, ...parts: readonly string[]): string {
  return [`## ${title}`, ...parts].join("\n\n");
}

/** A document with a heading and a note that it is generated. */
export function generatedDocument(title: string, source: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, `<!-- Generated from ${source} by \`npm run docs\`; change that instead. -->`, ...parts].join("\n\n")}\n`;
}

/** A fenced block. */
export function codeBlock(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** 2500 as `2.5 Gbit/s`. */
export function formatSpeed(mbps: number): string {
  return mbps >= 1000 ? `${mbps / 1000} Gbit/s` : `${mbps} Mbit/s`;
}
