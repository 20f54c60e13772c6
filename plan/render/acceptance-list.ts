// The list of measurements that a rack has to pass, to be worked through once.
import { acceptanceTests } from "../acceptance.ts";
import type { Plan } from "../plan.ts";
import { generatedDocument, markdownTable, section } from "./markdown-table.ts";

/** Renders the list. */
export function renderAcceptanceList(plan: Plan, source: string): string {
  const rows = acceptanceTests(plan).map((test, i) => [
    i + 1,
    test.name,
    test.on,
    test.other === undefined
      ? `\`${test.command}\``
      : `\`${test.other.command}\` on ${test.other.on}, then \`${test.command}\``,
    test.expected,
  ]);
  const targets = plan.targets.latency.length + plan.targets.throughput.length;
  return generatedDocument(
    `Acceptance of ${plan.name}`,
    source,
    `Measured once the rack is up, and again after every change of a cable. ${targets} targets are in the description.`,
    section("Measurements", markdownTable(["", "what", "on", "command", "passed when it says"], rows)),
  );
}
