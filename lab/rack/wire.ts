// Puts in switches, the router and cables as the plan has them. A cable that somebody pulled stays pulled, and one that a fabric runs over is
// not taken out before the fabric is gone.
import type { Plan, SwitchPlan, SwitchPortPlan } from "../../plan/plan.ts";
import type { Rack } from "./store.ts";
import { type Cable, type CableEnd, cableId, cables, describeEnd, routers, type Switch, switches } from "./switches.ts";
import { fabricAddress } from "./usb4-links.ts";

type Ends = readonly [CableEnd, CableEnd];

function uplinkEnds(plan: Plan, from: SwitchPlan, port: SwitchPortPlan): Ends | undefined {
  const near: CableEnd = { at: "port", switch: from.name, port: port.port };
  const peer = plan.switches.find(({ name }) => name === port.uplink);
  // A peer that nobody described is a core switch that carries everything, as the router does.
  if (!peer) return [{ at: "router" }, near];
  const mine = from.ports.filter(({ uplink }) => uplink === peer.name);
  const theirs = peer.ports.filter(({ uplink }) => uplink === from.name)[mine.indexOf(port)];
  if (!theirs) return undefined;
  // Each cable once: from the side whose name comes first.
  return from.name < peer.name ? [near, { at: "port", switch: peer.name, port: theirs.port }] : undefined;
}

function cablesOf(plan: Plan): Ends[] {
  const ends: Ends[] = [];
  for (const from of plan.switches) {
    for (const port of from.ports) {
      if (port.host !== undefined && port.nic !== undefined) {
        ends.push([
          { at: "nic", host: port.host, nic: port.nic },
          { at: "port", switch: from.name, port: port.port },
        ]);
      } else if (port.uplink !== undefined) {
        const found = uplinkEnds(plan, from, port);
        if (found) ends.push(found);
      }
    }
  }
  for (const [a, b] of plan.hardware.usb4Cables)
    ends.push([
      { at: "usb4", ...a },
      { at: "usb4", ...b },
    ]);
  return ends;
}

/** Port of the cable to the router that a switch gets when the description gives it no way out. */
const UNDESCRIBED_UPLINK = "uplink";

/** Whether frames can leave the switch towards the router over described uplinks. */
function hasWayOut(plan: Plan, from: SwitchPlan, seen = new Set<string>()): boolean {
  seen.add(from.name);
  return from.ports.some(({ uplink }) => {
    if (uplink === undefined) return false;
    const peer = plan.switches.find(({ name }) => name === uplink);
    return !peer || (!seen.has(peer.name) && hasWayOut(plan, peer, seen));
  });
}

/** Ports that hosts without a place in the plan are still plugged into: `switch/port`. */
function portsOf(rack: Rack, keptHosts: readonly string[]): Set<string> {
  const kept = cables(rack)
    .list()
    .filter(({ body }) => body.ends.some((end) => "host" in end && keptHosts.includes(end.host)));
  return new Set(kept.flatMap(({ body }) => body.ends.flatMap((end) => (end.at === "port" ? [describeEnd(end)] : []))));
}

function switchOf(plan: Plan, from: SwitchPlan, before: Switch | undefined, keptPorts: ReadonlySet<string>): Switch {
  const ports: Switch["ports"] = Object.fromEntries(
    from.ports.map((port) => [
      port.port,
      {
        speedMbps: port.speedMbps,
        mtu: port.mtu,
        taggedVlanIds: [...port.taggedVlanIds],
        ...(port.nativeVlanId !== undefined && { nativeVlanId: port.nativeVlanId }),
        ...(port.lag !== undefined && { lag: port.lag }),
      },
    ]),
  );
  for (const [port, settings] of Object.entries(before?.ports ?? {})) {
    if (!(port in ports) && keptPorts.has(`${from.name}/${port}`)) ports[port] = settings;
  }
  if (!hasWayOut(plan, from)) {
    const routed = plan.router.interfaces.map(({ vlanId }) => vlanId);
    ports[UNDESCRIBED_UPLINK] = { speedMbps: 10_000, mtu: from.mtu, taggedVlanIds: routed };
  }
  return { name: from.name, mtu: from.mtu, lacp: from.lacp, ports, powered: before?.powered ?? true };
}

/** Brings switches, router and cables to the plan. `keptHosts`: hosts that the plan no longer has but that stay, with their cables. */
export function wire(rack: Rack, plan: Plan, keptHosts: readonly string[]): void {
  const ends = cablesOf(plan);
  const keptPorts = portsOf(rack, keptHosts);
  for (const { id } of switches(rack).list()) {
    const isUsed = [...keptPorts].some((port) => port.startsWith(`${id}/`));
    if (!isUsed && !plan.switches.some(({ name }) => name === id)) switches(rack).delete(id);
  }
  for (const from of plan.switches) {
    const made = switchOf(plan, from, switches(rack).get(from.name), keptPorts);
    switches(rack).put(from.name, made);
    if (UNDESCRIBED_UPLINK in made.ports)
      ends.push([{ at: "router" }, { at: "port", switch: from.name, port: UNDESCRIBED_UPLINK }]);
  }
  const powered = routers(rack).get("router")?.powered ?? true;
  const interfaces = plan.router.interfaces.map(({ vlanId, address }) => {
    const [text = "", length = "24"] = address.split("/");
    return { vlanId, address: text, prefixLength: Number(length) };
  });
  routers(rack).put("router", {
    name: plan.router.name,
    interfaces,
    leases: plan.router.leases.map(({ vlan, mac, address }) => ({
      mac,
      address,
      vlanId: plan.vlans.find(({ name }) => name === vlan)?.id ?? 0,
    })),
    staticRoutes: plan.router.staticRoutes.map(({ destination, via }) => ({ destination, via })),
    powered,
  });
  const wanted = new Map<string, Ends>(ends.map((pair) => [cableId(pair), pair]));
  for (const { id, body } of cables(rack).list()) {
    const stays =
      body.ends.some((end) => "host" in end && keptHosts.includes(end.host)) ||
      body.ends.every((end) => end.at === "usb4" && fabricAddress(rack, end.host) !== undefined);
    if (!wanted.has(id) && !stays) cables(rack).delete(id);
  }
  for (const [id, pair] of wanted) {
    const cable: Cable = { ends: pair, plugged: cables(rack).get(id)?.plugged ?? true };
    cables(rack).put(id, cable);
  }
}
