// Whether a packet gets from one address to another: on the same VLAN by layer 2, else through the router.
import { contains, parseAddress, parsePrefix } from "../../plan/ipv4.ts";
import { hosts } from "./hosts.ts";
import { type Entries, Wiring } from "./layer2.ts";
import { ringWay } from "./ring.ts";
import { entriesOf, extraAddresses, isOnLink, type Station, stations } from "./stations.ts";
import type { Rack } from "./store.ts";
import { routers } from "./switches.ts";
import { fabricWay } from "./usb4-links.ts";

/** The person (or pipeline) that runs the program: somewhere behind the router. */
export const OPERATOR = "operator";

/** `mtu`: largest packet in bytes. `reason`: what a person would find when looking for the fault. */
type Reach = { readonly ok: true; readonly mtu: number } | { readonly ok: false; readonly reason: string };

/** From where to where, with a packet of which size. */
interface Question {
  /** `OPERATOR`, an address of a station, or the name of a host or guest. */
  readonly from: string;
  readonly to: string;
  /** Packet size in bytes that must get through without being broken up. @default - any */
  readonly size?: number;
}

const no = (reason: string): Reach => ({ ok: false, reason });

class Prober {
  private readonly wiring: Wiring;
  private readonly stations: Station[];
  private readonly rack: Rack;

  constructor(rack: Rack) {
    this.rack = rack;
    this.wiring = new Wiring(rack);
    this.stations = stations(rack);
  }

  private find(address: string): Station | undefined {
    const at = extraAddresses(this.rack).get(address)?.at ?? address;
    return this.stations.find((station) => station.address === at);
  }

  private isSameSegment(a: Station, b: Station): boolean {
    const tag = (station: Station) => station.tag ?? /\.(\d+)$/.exec(station.via ?? "")?.[1];
    const bridge = (station: Station) => station.via?.replace(/\.\d+$/, "");
    return a.host !== undefined && a.host === b.host && bridge(a) === bridge(b) && String(tag(a)) === String(tag(b));
  }

  /** Both ends on one VLAN. */
  private direct(from: Station, to: Station): Reach {
    const noReply = (why: string) =>
      no(`${from.address} gets no ARP reply from ${to.address} (${to.owner} ${to.interface}): ${why}`);
    if (from.kind === "router" || to.kind === "router") {
      const [router, other] = from.kind === "router" ? [from, to] : [to, from];
      return this.overRouterPort(other, router.vlanId ?? 0, noReply);
    }
    const [a, b] = [entriesOf(this.wiring, from), entriesOf(this.wiring, to)];
    if (this.isSameSegment(from, to)) return { ok: true, mtu: Math.min(from.mtu ?? 65_535, to.mtu ?? 65_535) };
    const mtu = this.wiring.between(a.entries, b.entries);
    return mtu > 0 ? { ok: true, mtu } : noReply(this.whyNot([a, b]));
  }

  private overRouterPort(station: Station, vlanId: number, noReply: (why: string) => Reach): Reach {
    // Boards beside the hosts are taken as plugged in somewhere: nobody described where.
    if (station.kind === "device") return { ok: true, mtu: 1500 };
    const way = entriesOf(this.wiring, station);
    const mtu = this.wiring.toRouter(way.entries, vlanId);
    return mtu > 0 ? { ok: true, mtu } : noReply(this.whyNot([way]));
  }

  private whyNot(ways: Entries[]): string {
    return ways.find((way) => way.why !== undefined)?.why ?? "no switch carries this VLAN from one to the other";
  }

  /** The router's interface in the subnet of an address. */
  private routerTowards(address: string): Station | undefined {
    return this.stations.find((station) => station.kind === "router" && isOnLink(station, address));
  }

  private fromRouter(to: string): Reach {
    if (!this.stations.some((station) => station.kind === "router")) return no("the router is off");
    const station = this.find(to);
    if (!station) return this.overStaticRoute(to);
    if (station.kind === "router") return { ok: true, mtu: 1500 };
    const port = this.routerTowards(station.address);
    if (!port) return no(`the router has no interface in the subnet of ${to} (${station.owner} ${station.interface})`);
    return this.direct(port, station);
  }

  private overRing(host: string, to: string): { mtu: number } | undefined {
    const isMetal = hosts(this.rack).get(host)?.platform === "metal";
    return isMetal ? ringWay(this.rack, host, to) : fabricWay(this.rack, host, to);
  }

  private overStaticRoute(to: string): Reach {
    const target = parseAddress(to);
    for (const { body } of routers(this.rack).list()) {
      for (const { destination, via } of body.staticRoutes) {
        const prefix = parsePrefix(destination);
        if (prefix.ok && target.ok && contains(prefix.value, target.value)) return this.fromRouter(via);
      }
    }
    return no(`nobody answers at ${to}`);
  }

  answer({ from, to }: Question): Reach {
    if (from === OPERATOR) return this.fromRouter(to);
    const source = this.find(from) ?? this.stations.find((station) => station.owner === from);
    if (!source) return no(`${from} is on no network`);
    const target = this.find(to);
    const own = this.stations.filter((station) => station.owner === source.owner);
    const onLink = [source, ...own].find((station) => isOnLink(station, to));
    if (target && target.owner === source.owner) return { ok: true, mtu: 65_535 };
    const ring = source.kind === "host" ? this.overRing(source.owner, to) : undefined;
    if (ring !== undefined && !onLink) return { ok: true, mtu: ring.mtu };
    if (onLink) return target ? this.direct(onLink, target) : no(`nobody answers at ${to}`);
    const exit = own.find((station) => station.gateway !== undefined);
    const gateway = exit?.gateway === undefined ? undefined : this.find(exit.gateway);
    if (exit && !gateway) return no(`${source.owner}'s gateway ${exit.gateway} does not answer`);
    if (!exit || !gateway) return no(`${source.owner} has no route to ${to}`);
    const first = this.direct(exit, gateway);
    if (!first.ok) return first;
    const second = this.fromRouter(to);
    return second.ok ? { ok: true, mtu: Math.min(first.mtu, second.mtu) } : second;
  }
}

/** Asks the rack as it is wired, powered and configured now. */
export function reach(rack: Rack, question: Question): Reach {
  const result = rack.kept("prober", () => new Prober(rack)).answer(question);
  if (!result.ok || question.size === undefined || question.size <= result.mtu) return result;
  return no(
    `packets of ${question.size} bytes do not get from ${question.from} to ${question.to}: the path's MTU is ${result.mtu}`,
  );
}
