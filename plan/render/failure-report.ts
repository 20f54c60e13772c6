// What each single failure does to a rack, worst first.
import { analyseFailures, type Outcome, singlePoints } from "../failure-analysis.ts";
import type { Plan } from "../plan.ts";
import { generatedDocument, markdownTable, section } from "./markdown-table.ts";

/** Renders the report. */
export function renderFailureReport(plan: Plan, source: string): string {
  const outcomes = analyseFailures(plan);
  const points = singlePoints(outcomes);
  const summary =
    points.length === 0
      ? "Nothing stops when any one thing fails."
      : `${points.length} of ${outcomes.length} single failures stop something.`;
  return generatedDocument(
    `Failure analysis of ${plan.name}`,
    source,
    `Each cable (with its NIC and its port), switch, uplink, ${plan.hosts.some(({ rack }) => rack !== undefined) ? "rack, " : ""}host and disk fails alone; everything else works. ` +
      "Computed from the description: software mistakes and power are not in it.",
    summary,
    section(
      "Single points of failure",
      markdownTable(
        ["what fails", "what stops"],
        points.map((outcome) => [label(outcome), outcome.stops.join("; ")]),
      ),
    ),
    section(
      "Every failure",
      markdownTable(
        ["what fails", "hosts cut off", "stops", "goes on with less"],
        outcomes.map((outcome) => [
          label(outcome),
          cutOff(outcome),
          outcome.stops.join("; ") || "nothing",
          outcome.weakens.join("; ") || "no",
        ]),
      ),
    ),
  );
}

const label = ({ failure }: Outcome): string => `${failure.kind} ${failure.name}`;
const cutOff = ({ networks }: Outcome): string =>
  networks.map(({ vlan, hosts }) => `${hosts.join(", ")} from ${vlan}`).join("; ") || "none";
