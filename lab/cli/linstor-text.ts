// LINSTOR's part of `lab status`.
import type { LinstorStatus } from "../rack/linstor/status.ts";
import { renderSection } from "./table.ts";

/** Nothing where there is no LINSTOR. */
export function renderLinstor(all: readonly LinstorStatus[]): string[] {
  return all.flatMap(({ nodes, pairs, volumes, burning }) => {
    const satellites = nodes.map(({ name, interfaces }) => [
      name,
      Object.entries(interfaces)
        .map(([link, address]) => `${link} ${address}`)
        .join(", "),
    ]);
    const links = volumes.flatMap((volume) =>
      volume.links.map(({ nodes: ends, over, interface: link }) => [
        `${volume.namespace}/${volume.claim}`,
        volume.writableOn.length > 0 ? "writable" : "NOT WRITABLE",
        ends.join(" and "),
        over.length > 0 ? `${link}: ${over.join(" → ")}` : "NOT CONNECTED",
      ]),
    );
    return [
      renderSection("LINSTOR satellites", ["node", "interfaces"], satellites, "none yet"),
      renderSection(
        "LINSTOR paths",
        ["nodes", "paths"],
        pairs.map(({ nodes: ends, paths }) => [ends.join(" and "), paths.join(", ")]),
        "none yet",
      ),
      ...(volumes.length > 0 ? [renderSection("Replicated volumes", ["volume", "", "nodes", "over"], links, "")] : []),
      ...(burning.length > 0 ? [`LINSTOR'S CONTROLLER IS AT 100 % CPU: it looks for ${burning.join(", ")}`] : []),
    ];
  });
}
