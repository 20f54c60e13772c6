// Every problem code as a page: how bad it is, by which mistakes it comes, and what is said then.
import { generatedDocument, section } from "./markdown-table.ts";

/** One code with the mistakes that raise it, as the fixtures of the tests have them. */
export interface ProblemExample {
  readonly code: string;
  readonly cases: readonly { readonly about: string; readonly problems: readonly string[] }[];
}

/** Renders the page. */
export function renderProblemReference(examples: readonly ProblemExample[], source: string): string {
  const errors = examples.filter((example) => severityOf(example) === "error").length;
  return generatedDocument(
    "Problems",
    source,
    `What a description is told, by code: ${examples.length} codes, ${errors} of them errors. An **error** stops the preview before ` +
      "anything is registered; a **warning** is a risk taken knowingly; a **note** explains. Each line says where, what is wrong, and what to do.",
    ...examples.map((example) => section(example.code, `**${severityOf(example)}**`, cases(example))),
  );
}

/** The code's own lines; what else a mistake draws is told under its own code. */
function ownLines({ code, cases }: ProblemExample): (readonly [about: string, lines: readonly string[]])[] {
  return cases.map((one) => [one.about, one.problems.filter((line) => line.endsWith(`[${code}]`))]);
}

function severityOf(example: ProblemExample): string {
  const [line = ""] = ownLines(example).flatMap(([, lines]) => lines);
  return line.split(" ", 1)[0] ?? "";
}

function cases(example: ProblemExample): string {
  return ownLines(example)
    .map(([about, [line = ""]]) => `- ${about}\n\n  > ${withoutMarks(line, example.code)}`)
    .join("\n");
}

function withoutMarks(line: string, code: string): string {
  return line.replace(/^\w+ /, "").replace(`  [${code}]`, "").replaceAll("<", "\\<");
}
