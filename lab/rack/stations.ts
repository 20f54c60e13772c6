// Everything on the wire that has an address: hosts, running guests, the router, out-of-band boards. One list for reachability, for
// conflicts and for the map.
import { networkOf, parseAddress } from "../../plan/ipv4.ts";
import { hosts } from "./hosts.ts";
import type { Entries, Wiring } from "./layer2.ts";
import { liveLinks } from "./live-links.ts";
import type { Collection, Rack } from "./store.ts";
import { routers } from "./switches.ts";
import { vms } from "./vms.ts";

/** One address and where it is plugged in. */
export interface Station {
  /** Host, VM or device it belongs to. */
  readonly owner: string;
  readonly kind: "host" | "vm" | "router" | "device";
  /** Interface in the host's or guest's own words. */
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway?: string;
  /** Of the router's interfaces. */
  readonly vlanId?: number;
  /** Physical host whose NICs it sends through. */
  readonly host?: string;
  /** Interface of that host it sends through, and the tag it adds. */
  readonly via?: string;
  readonly tag?: number;
  readonly mtu?: number;
}

/** A further address that a station answers for: a shared API address, a service announced by layer 2. */
export interface ExtraAddress {
  readonly address: string;
  /** Address of the station that answers. */
  readonly at: string;
  readonly purpose: string;
}

/** Further addresses, by address. Written by whoever simulates the guest. */
export function extraAddresses(rack: Rack): Collection<ExtraAddress> {
  return rack.collection<ExtraAddress>("extra-address");
}

function split(cidr: string): { address: string; prefixLength: number } {
  const [address = "", length = "32"] = cidr.split("/");
  return { address, prefixLength: Number(length) };
}

function hostStations(rack: Rack): Station[] {
  return hosts(rack)
    .list()
    .filter(({ body }) => body.powered)
    .flatMap(({ id: host }) =>
      Object.values(liveLinks(rack, host)).flatMap((link) =>
        link.addresses.map((cidr) => ({
          owner: host,
          kind: "host" as const,
          interface: link.name,
          ...split(cidr),
          ...(link.gateway !== undefined && { gateway: link.gateway }),
          host,
          via: link.name,
        })),
      ),
    );
}

function vmStations(rack: Rack): Station[] {
  const powered = new Set(
    hosts(rack)
      .list()
      .filter(({ body }) => body.powered)
      .map(({ id }) => id),
  );
  return vms(rack)
    .list()
    .map(({ body }) => body)
    .filter((vm) => vm.running && powered.has(vm.host))
    .flatMap((vm) =>
      vm.nics.flatMap((nic, index) => {
        const { address, gateway } = vm.addresses[index] ?? {};
        if (address === undefined || address === "dhcp" || nic.disconnected) return [];
        return [
          {
            owner: vm.name,
            kind: "vm" as const,
            interface: `eth${index}`,
            ...split(address),
            ...(gateway !== undefined && { gateway }),
            host: vm.host,
            via: nic.bridge,
            ...(nic.vlanId !== undefined && { tag: nic.vlanId }),
            ...(nic.mtu !== 1 && { mtu: nic.mtu ?? 1500 }),
          },
        ];
      }),
    );
}

/** All stations that are switched on. */
export function stations(rack: Rack): Station[] {
  const router = routers(rack)
    .list()
    .filter(({ body }) => body.powered)
    .flatMap(({ body }) =>
      body.interfaces.map(({ vlanId, address, prefixLength }) => ({
        owner: body.name,
        kind: "router" as const,
        interface: `vlan ${vlanId}`,
        address,
        prefixLength,
        vlanId,
      })),
    );
  const boards = hosts(rack)
    .list()
    .flatMap(({ body: { outOfBand } }) =>
      outOfBand
        ? [
            {
              owner: outOfBand.name,
              kind: "device" as const,
              interface: outOfBand.kind,
              address: outOfBand.address,
              prefixLength: 32,
            },
          ]
        : [],
    );
  return [...router, ...hostStations(rack), ...vmStations(rack), ...boards];
}

/** Whether a station's own subnet contains an address. */
export function isOnLink(station: Station, address: string): boolean {
  const own = parseAddress(station.address);
  const other = parseAddress(address);
  return (
    own.ok && other.ok && networkOf(own.value, station.prefixLength) === networkOf(other.value, station.prefixLength)
  );
}

/** Where a station's frames enter the wiring. */
export function entriesOf(wiring: Wiring, station: Station): Entries {
  if (station.host === undefined || station.via === undefined)
    return { entries: [], why: `${station.owner} is not simulated on the wire` };
  const found = wiring.entriesOf(station.host, station.via, station.tag);
  const limit = station.mtu;
  return limit === undefined
    ? found
    : { ...found, entries: found.entries.map((entry) => ({ ...entry, mtu: Math.min(entry.mtu, limit) })) };
}

/** Who else answers for an address; undefined when it is free. `except`: name of the owner that wants it. */
export function ownerOf(rack: Rack, address: string, except: string): { owner: string; interface: string } | undefined {
  const plain = address.split("/")[0] ?? address;
  const all = stations(rack);
  const station = all.find((other) => other.address === plain && other.owner !== except);
  if (station) return station;
  const extra = extraAddresses(rack).get(plain);
  const answers = extra !== undefined && all.some((other) => other.address === extra.at);
  return answers ? { owner: extra.purpose, interface: `answered by ${extra.at}` } : undefined;
}
