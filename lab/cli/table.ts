// Text in columns.

/** Rows as lines, each column as wide as its widest cell, indented by two. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows
    .map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

/** A heading and its table, or a line that says why there is none. */
export function renderSection(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): string {
  return rows.length === 0 ? `${title}\n  ${empty}` : `${title}\n${renderTable([head, ...rows])}`;
}
