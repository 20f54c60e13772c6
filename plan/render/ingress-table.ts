// What nodes answer, as a person reads it.
import type { Plan } from "../plan.ts";
import { markdownTable, section } from "./markdown-table.ts";

/** The section about the nodes' own firewall; none where there is none. */
export function ingressSection({ cluster, nodes }: Plan): string[] {
  if (cluster.ingress === undefined) return [];
  const hasWorkers = nodes.some(({ role }) => role === "worker");
  const rows = cluster.ingress.map(({ name, protocol, ports, from, controlPlanesOnly }) => [
    name,
    ports.map((port) => `${port}/${protocol}`).join(", "),
    from.join(", "),
    ...(hasWorkers ? [controlPlanesOnly ? "control planes" : "all nodes"] : []),
  ]);
  return [
    section(
      "What nodes answer",
      "On all of their addresses, whatever network it comes by; everything else is dropped. Services are not among it: their addresses belong to no node.",
      markdownTable(["what", "ports", "from", ...(hasWorkers ? ["on"] : [])], rows),
    ),
  ];
}
