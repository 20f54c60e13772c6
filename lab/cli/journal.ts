// `lab journal`: what the plug-ins were asked, and how it ended.
import { readJournal } from "../rack/journal.ts";
import { numberOption } from "./command-line.ts";
import type { LabCommand } from "./lab-command.ts";
import { renderTable } from "./table.ts";

/** Enough for one screen. */
const SHOWN = 40;

export const journal: LabCommand = {
  usage: ["lab journal [--last 40] [--previews] [--json]"],
  summary: "what the plug-ins were asked, and how it ended",
  run(bench, line, print) {
    const rack = bench.openRack();
    const entries = readJournal(rack)
      .filter((entry) => line.options.has("previews") || !entry.preview)
      .slice(-(numberOption(line, "last") ?? SHOWN));
    if (line.options.has("json")) {
      print(JSON.stringify(entries, undefined, 2));
      return 0;
    }
    if (entries.length === 0) print("nothing was asked yet");
    const rows = entries.map((entry) => [
      String(entry.seq),
      new Date(entry.startedAt).toISOString().slice(11, 23),
      entry.endedAt === undefined ? "…" : `${entry.endedAt - entry.startedAt} ms`,
      entry.outcome,
      entry.operation,
      entry.token,
      entry.name,
      (entry.message ?? "").split("\n")[0]?.slice(0, 100) ?? "",
    ]);
    if (rows.length > 0)
      print(renderTable([["call", "at", "took", "ended", "operation", "type", "name", ""], ...rows]));
    return 0;
  },
};
