// What can fail in a rack, one thing at a time.
import { compareText } from "./order.ts";
import type { Plan } from "./plan.ts";
import type { Failure } from "./reachability.ts";
import type { Wiring } from "./wiring.ts";

const none: ReadonlySet<string> = new Set();
const nothing = { wires: none, switches: none, uplinks: none, hosts: none };

/** `<host>/<nic>`. */
const wireKey = (wire: { readonly host: string; readonly nic: string }): string => `${wire.host}/${wire.nic}`;

/** Each cable, uplink, switch, rack, host, disk and the router. */
export function failuresOf(plan: Plan, wiring: Wiring): Failure[] {
  const cables = wiring.wires.map((wire): Failure => {
    const name = `${wireKey(wire)} to ${wire.switchName} port ${wire.port}`;
    return { ...nothing, kind: "cable", name, wires: new Set([wireKey(wire)]) };
  });
  const ring = (plan.ring?.cables ?? []).map(
    ({ a, b }, i): Failure => ({
      ...nothing,
      kind: "ring cable",
      name: `${a.host}/${a.port} to ${b.host}/${b.port}`,
      ringCable: i,
    }),
  );
  const uplinks = wiring.uplinks.flatMap(({ switchName, port, to, toPort }): Failure[] => {
    // A cable between two port tables is one cable.
    if (toPort !== undefined && to < switchName) return [];
    const ends = [`${switchName}/${port}`, ...(toPort === undefined ? [] : [`${to}/${toPort}`])];
    return [{ ...nothing, kind: "uplink", name: `${switchName} port ${port} to ${to}`, uplinks: new Set(ends) }];
  });
  const inUse = plan.switches.filter((device) => device.ports.length > 0);
  const switches = inUse.map(({ name }): Failure => ({ ...nothing, kind: "switch", name, switches: new Set([name]) }));
  const racks = rackFailures(plan, wiring);
  const hosts = plan.hosts.map(({ name }): Failure => ({ ...nothing, kind: "host", name, hosts: new Set([name]) }));
  const disks = plan.hosts.flatMap((host) =>
    host.disks
      .filter((disk) => disk.use !== "unused")
      .map((disk): Failure => {
        const down = disk.use === "system" ? new Set([host.name]) : none;
        return {
          ...nothing,
          kind: "disk",
          name: `${host.name}/${disk.name} (${disk.use})`,
          hosts: down,
          disk: { host: host.name, name: disk.name },
        };
      }),
  );
  const router: Failure = { ...nothing, kind: "router", name: plan.router.name };
  return [...cables, ...ring, ...uplinks, ...switches, ...racks, ...hosts, ...disks, router];
}

/** The power of a rack: its hosts, and the switches that no other rack's hosts are plugged into. */
function rackFailures(plan: Plan, wiring: Wiring): Failure[] {
  const rackOf = new Map(plan.hosts.map(({ name, rack }) => [name, rack]));
  const names = [...new Set(rackOf.values())].filter((rack) => rack !== undefined).sort(compareText);
  return names.map((name): Failure => {
    const isIts = (host: string): boolean => rackOf.get(host) === name;
    const switches = plan.switches.filter((device) => {
      const own = wiring.wires.filter((wire) => wire.switchName === device.name);
      return own.length > 0 && own.every(({ host }) => isIts(host));
    });
    return {
      ...nothing,
      kind: "rack",
      name,
      hosts: new Set([...rackOf.keys()].filter(isIts)),
      switches: new Set(switches.map((device) => device.name)),
    };
  });
}
