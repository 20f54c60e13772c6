// What to set on each switch: a script where there is a language for it, a table of port settings where there are only forms.
import type { Plan, SwitchPlan } from "../plan.ts";
import { otherEnd } from "../wiring.ts";
import { codeBlock, formatSpeed, generatedDocument, markdownTable, section } from "./markdown-table.ts";
import { renderRouterosScript } from "./routeros-script.ts";

/** Standard packet size; anything above needs a switch that is told so. */
const standardMtu = 1500;

/** Renders the page of all switches. */
export function renderSwitchConfig(plan: Plan, source: string): string {
  const sections = plan.switches.map((device) => {
    const title = `${device.name} (${device.model}${device.address === undefined ? "" : `, ${device.address}`})`;
    if (device.ports.length === 0) return section(title, "No port of it is in the description.");
    switch (device.os) {
      case "routeros":
        return section(title, codeBlock("routeros", renderRouterosScript(plan, device)), routerosChecks(device));
      case "unifi":
        return section(title, portTable(plan, device), unifiSteps(plan, device));
      default:
        return section(title, portTable(plan, device));
    }
  });
  return generatedDocument(`Switches of ${plan.name}`, source, ...sections);
}

function networkName(plan: Plan, id: number): string {
  return `${plan.vlans.find((vlan) => vlan.id === id)?.name ?? "?"} (${id})`;
}

function portTable(plan: Plan, device: SwitchPlan): string {
  const rows = device.ports.map((port) => {
    const others = device.ports
      .filter((other) => port.lag !== undefined && other.lag === port.lag)
      .map((other) => other.port);
    return [
      port.port,
      otherEnd(port),
      formatSpeed(port.speedMbps),
      port.lag === undefined ? "switching" : `aggregate ${others.join(", ")} (LACP)`,
      port.nativeVlanId === undefined ? "none" : networkName(plan, port.nativeVlanId),
      port.taggedVlanIds.map((id) => networkName(plan, id)).join(", ") || "none",
    ];
  });
  return markdownTable(["port", "other end", "speed", "operation", "native network", "tagged networks"], rows);
}

function unifiSteps(plan: Plan, device: SwitchPlan): string {
  const ids = new Set(device.ports.flatMap((port) => port.taggedVlanIds));
  const needed = plan.vlans.filter((vlan) => ids.has(vlan.id) && vlan.mtu > standardMtu).map((vlan) => vlan.name);
  const groups = new Set(device.ports.flatMap((port) => port.lag ?? []));
  return [
    "1. Settings, Networks: every network above is there with its VLAN id.",
    `2. ${groups.size === 0 ? "No port is aggregated." : `Aggregate the ports of each group first (${[...groups].join(", ")}); the settings of the first port hold for all of them.`}`,
    "3. Port manager: native network and tagged networks of each port as above, everything else blocked.",
    `4. Jumbo frames: ${needed.length === 0 ? "not needed here" : `on, for ${needed.join(", ")}`}.`,
  ].join("\n");
}

function routerosChecks(device: SwitchPlan): string {
  const groups = [...new Set(device.ports.flatMap((port) => port.lag ?? []))];
  const lines = [
    ...groups.map((name) => `/interface/bonding monitor ${name} once`),
    "/interface/bridge/vlan print",
    "/interface/bridge/port print",
  ];
  return `Afterwards each group must have all of its ports active, and the partner's system id must not be zero:\n\n${codeBlock("routeros", lines.join("\n"))}`;
}
