// Bandwidth that networks must have of the links they share: whether a link has it, and whether a rack's uplink has it for all behind it.
// Nothing here limits anything: it says which promises cannot be kept.
import type { Environment } from "../config/schema.ts";
import { type Cables, carriesVlan } from "./cables.ts";
import { linkSpeed } from "./capacity.ts";
import type { Draft } from "./draft.ts";
import { nicsUnder } from "./host-links.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { ReservationPlan } from "./plan.ts";

type Node = Environment["nodes"][string];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Checks every node's `reservedMbps`. */
export function readReservations(draft: Draft, cables: Cables): void {
  const reserving = sortedEntries(draft.env.nodes).filter(([, node]) => Object.keys(node.reservedMbps).length > 0);
  if (draft.env.platform !== "metal" || reserving.length === 0) return;
  for (const [name, node] of reserving) {
    const path = `nodes.${name}.reservedMbps`;
    for (const vlan of Object.keys(node.reservedMbps)) {
      if (!draft.known("vlan", vlan, draft.env.vlans, `${path}.${vlan}`) || node.links[vlan] !== undefined) continue;
      const message = `${name} reserves bandwidth for VLAN ${vlan} and has no link for it; add ${vlan} to its links`;
      draft.error("node-vlan-without-link", `${path}.${vlan}`, message);
    }
    for (const { link, speedMbps, vlans } of linksOf(draft, node)) {
      const reserved = sum(vlans.map(({ mbps }) => mbps));
      if (reserved <= speedMbps) continue;
      draft.error(
        "reservation-exceeds-link",
        path,
        `${vlans.map(({ vlan, mbps }) => `${vlan} (${mbps})`).join(" and ")} need ${reserved} Mbit/s of ${link} of ${node.host}, which has ${speedMbps}; reserve less, or move one to another link`,
      );
    }
  }
  checkUplinks(draft, cables, reserving);
}

/** What the nodes behind a switch have reserved, against its way to the others. */
function checkUplinks(draft: Draft, cables: Cables, reserving: readonly (readonly [string, Node])[]): void {
  const behind = new Map<string, { readonly vlan: string; readonly mbps: number }[]>();
  for (const [, node] of reserving) {
    for (const [vlan, mbps] of sortedEntries(node.reservedMbps)) {
      const host = draft.env.hosts[node.host];
      const [nic] = host === undefined ? [] : nicsUnder(host, node.links[vlan] ?? "");
      const name = cables.get(`${node.host}/${nic}`)?.switchName;
      if (name !== undefined) behind.set(name, [...(behind.get(name) ?? []), { vlan, mbps }]);
    }
  }
  for (const [name, needs] of [...behind].sort(([a], [b]) => compareText(a, b))) {
    const uplinks = Object.values(draft.env.switches[name]?.ports ?? {}).filter(({ uplink }) => uplink !== undefined);
    const carried = needs.filter(({ vlan }) => uplinks.some((port) => carriesVlan(port, vlan)));
    const [reserved, speed] = [sum(carried.map(({ mbps }) => mbps)), sum(uplinks.map(({ speedMbps }) => speedMbps))];
    if (uplinks.length === 0 || reserved <= speed) continue;
    draft.note(
      "uplink-oversubscribed",
      `switches.${name}`,
      `the nodes behind ${name} reserve ${reserved} Mbit/s on networks that its uplinks carry, and those have ${speed}; beyond this switch not all of them can have theirs at once`,
    );
  }
}

function linksOf(draft: Draft, node: Node): Omit<ReservationPlan, "host">[] {
  const host = draft.env.hosts[node.host];
  const links = [...new Set(Object.keys(node.reservedMbps).flatMap((vlan) => node.links[vlan] ?? []))];
  return links.sort(compareText).flatMap((link) => {
    if (host === undefined || nicsUnder(host, link).length === 0) return [];
    const own = sortedEntries(node.reservedMbps).filter(([vlan]) => node.links[vlan] === link);
    return [{ link, speedMbps: linkSpeed(host, link), vlans: own.map(([vlan, mbps]) => ({ vlan, mbps })) }];
  });
}

/** The reservations by host and link. */
export function planReservations(draft: Draft): ReservationPlan[] {
  return sortedEntries(draft.env.nodes).flatMap(([, node]) =>
    linksOf(draft, node).map((link) => ({ host: node.host, ...link })),
  );
}
