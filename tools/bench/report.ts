// The table that `npm run bench` prints.
import { type Figure, meetsTarget, type SkippedFigure } from "./figure.ts";

/** Circumstances of a run. */
export interface Circumstances {
  readonly node: string;
  readonly engine: string;
  readonly processors: number;
  /** Load average of a minute, before and after. */
  readonly load: readonly [number, number];
  readonly rounds: number;
}

function mark(figure: Figure): string {
  const met = meetsTarget(figure);
  if (met === undefined) return "";
  return met ? "met" : "MISSED";
}

/** Renders all figures, the skipped ones last. */
export function renderReport(figures: readonly (Figure | SkippedFigure)[], about: Circumstances): string {
  const taken = figures.filter((figure) => "reading" in figure);
  const skipped = figures.filter((figure) => "skipped" in figure);
  const rows = taken.map((figure) => [
    figure.title,
    figure.target === undefined ? "" : `≤ ${figure.target.toFixed(2)}`,
    figure.reading.best.toFixed(2),
    figure.reading.median.toFixed(2),
    figure.cpu === undefined ? "" : figure.cpu.best.toFixed(2),
    mark(figure),
    figure.detail ?? "",
  ]);
  const header = ["figure", "target", "best", "median", "cpu", "", "made of"];
  const notes = skipped.map(({ title, skipped: why }) => `not taken: ${title}: ${why}`);
  return [...align([header, ...rows]), ...notes, "", circumstances(about)].join("\n");
}

/** Columns of equal width: the first and the last flush left, numbers flush right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const last = Math.max(...rows.map((row) => row.length)) - 1;
  const widths = Array.from({ length: last + 1 }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const isText = column === 0 || column >= last - 1;
        return isText ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
      })
      .join("  ")
      .trimEnd(),
  );
}

function circumstances({ node, engine, processors, load, rounds }: Circumstances): string {
  const busy =
    Math.max(...load) > processors
      ? " The machine was busy with other things: read the column cpu, and the differences between best and median as noise."
      : "";
  const [before, after] = load.map((value) => value.toFixed(1));
  return (
    `Ratios of one run: smallest of ${rounds} over smallest of ${rounds}, taken in turns. ` +
    `Node.js ${node}, Pulumi ${engine}, ${processors} processors, load ${before} before and ${after} after.${busy}`
  );
}
