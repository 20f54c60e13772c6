// The page that says what has been held against what: written from what a run of the conformance suites came to, never by hand.
import type { Evidence } from "./piece.ts";

/** Where the page lies. */
export const verifiedPage = "docs/generated/verified.md";

const marks = { passed: "yes", failed: "**no**", skipped: "not run" } as const;

/** One line of JSON a piece, as the suites leave it behind. */
export function parseEvidence(text: string): Evidence[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Evidence);
}

/** The page; the same evidence in another order gives the same bytes. */
export function renderVerified(evidence: readonly Evidence[]): string {
  const pieces = [...evidence].sort((a, b) => (a.subject < b.subject ? -1 : 1));
  return [
    "# What has been verified, and against what",
    "",
    "<!-- Generated from a run of `npm run conformance`. -->",
    "",
    "Each piece below is held against software that this project did not write. What only a real rack can show stands beside it.",
    "",
    "| what | against | checks passed | what only a real rack can show |",
    "| --- | --- | --- | --- |",
    ...pieces.map((piece) => `| ${[piece.subject, piece.against, count(piece), piece.limit].map(cell).join(" | ")} |`),
    "",
    ...pieces.flatMap((piece) => [
      `## ${piece.subject}`,
      "",
      `Against ${piece.against}.`,
      "",
      ...piece.tests.map((test) => `- ${test.title}: ${marks[test.state]}`),
      "",
    ]),
  ].join("\n");
}

function count({ tests }: Evidence): string {
  return `${tests.filter((test) => test.state === "passed").length} of ${tests.length}`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");
