// Which stations hear each other on a VLAN, computed from cables, port settings, bonds and bridges, and how large a packet may be.
//
//   address ── vlan / bridge ── bond ── NIC ══cable══ port ── switch ══uplink══ switch ── port ══cable══ NIC ── … ── address
//               tag, MTU        LACP                  VLANs, MTU, LACP group
import { hosts } from "./hosts.ts";
import { type Links, mtuOf } from "./links.ts";
import { liveLinks } from "./live-links.ts";
import type { Rack } from "./store.ts";
import { cables, routers, type SwitchPort, switches } from "./switches.ts";

/** Where frames of one address enter the wiring: a NIC with the tag they leave it with (undefined: untagged). */
interface Entry {
  readonly host: string;
  readonly nic: string;
  readonly tag: number | undefined;
  /** Largest IP packet on the host's own part of the way, in bytes. */
  readonly mtu: number;
}

/** The NICs that an interface of a host sends through, and how. Empty with `why` when it sends nowhere. */
export interface Entries {
  readonly entries: readonly Entry[];
  readonly why?: string;
}

interface Edge {
  readonly to: string;
  readonly mtu: number;
}

/** The wiring of a rack at one moment. Vertices are `switch/vlan`, `router/vlan` and `nic host/nic/tag`; each knows its neighbours. */
export class Wiring {
  private readonly rack: Rack;
  private readonly edges = new Map<string, Edge[]>();
  private readonly ports = new Map<string, SwitchPort & { switch: string; lacp: boolean }>();
  /** Switch port at the other end of a NIC's cable. */
  private readonly portOfNic = new Map<string, string>();
  private readonly linksCache = new Map<string, Links>();

  constructor(rack: Rack) {
    this.rack = rack;
    this.addPorts();
    this.addCables();
  }

  private addPorts(): void {
    for (const { body } of switches(this.rack).list()) {
      if (!body.powered) continue;
      for (const [port, settings] of Object.entries(body.ports)) {
        const mtu = Math.min(settings.mtu, body.mtu);
        this.ports.set(`${body.name}/${port}`, { ...settings, mtu, switch: body.name, lacp: body.lacp });
      }
    }
  }

  private connect(from: string, to: string, mtu: number): void {
    for (const [a, b] of [
      [from, to],
      [to, from],
    ] as const) {
      const list = this.edges.get(a) ?? [];
      list.push({ to: b, mtu });
      this.edges.set(a, list);
    }
  }

  private addCables(): void {
    const powered = new Set(
      hosts(this.rack)
        .list()
        .filter(({ body }) => body.powered)
        .map(({ id }) => id),
    );
    const router = routers(this.rack).list()[0]?.body;
    for (const { body: cable } of cables(this.rack).list()) {
      if (!cable.plugged) continue;
      const [a, b] = cable.ends;
      const near = b.at === "port" ? this.ports.get(`${b.switch}/${b.port}`) : undefined;
      if (!near || b.at !== "port") continue;
      if (a.at === "nic" && powered.has(a.host)) {
        this.portOfNic.set(`${a.host}/${a.nic}`, `${b.switch}/${b.port}`);
        for (const vlan of this.vlansOf(near)) {
          const tag = vlan === near.nativeVlanId ? "" : String(vlan);
          this.connect(`nic ${a.host}/${a.nic}/${tag}`, `switch ${near.switch}/${vlan}`, near.mtu);
        }
      } else if (a.at === "router" && router?.powered) {
        for (const vlan of this.vlansOf(near))
          this.connect(`router/${vlan}`, `switch ${near.switch}/${vlan}`, near.mtu);
      } else if (a.at === "port") {
        this.connectSwitches(near, this.ports.get(`${a.switch}/${a.port}`));
      }
    }
  }

  private connectSwitches(
    one: (SwitchPort & { switch: string }) | undefined,
    other: (SwitchPort & { switch: string }) | undefined,
  ): void {
    if (!one || !other) return;
    const mtu = Math.min(one.mtu, other.mtu);
    for (const vlan of this.vlansOf(one)) {
      const peer =
        vlan === one.nativeVlanId ? other.nativeVlanId : other.taggedVlanIds.includes(vlan) ? vlan : undefined;
      if (peer !== undefined) this.connect(`switch ${one.switch}/${vlan}`, `switch ${other.switch}/${peer}`, mtu);
    }
  }

  private vlansOf(port: SwitchPort): number[] {
    return port.nativeVlanId === undefined ? [...port.taggedVlanIds] : [port.nativeVlanId, ...port.taggedVlanIds];
  }

  private links(host: string): Links {
    let links = this.linksCache.get(host);
    if (!links) {
      links = liveLinks(this.rack, host);
      this.linksCache.set(host, links);
    }
    return links;
  }

  /** Follows an interface of a host down to its NICs. `tag`: the VLAN the frames carry when they reach it. */
  entriesOf(host: string, name: string, tag?: number): Entries {
    const links = this.links(host);
    const link = links[name];
    if (!link) return { entries: [], why: `${host} has no interface ${name}` };
    const mtu = mtuOf(links, name);
    const below = (inner: Entries): Entries => ({
      ...inner,
      entries: inner.entries.map((entry) => ({ ...entry, mtu: Math.min(entry.mtu, mtu) })),
    });
    switch (link.kind) {
      case "vlan":
        return below(this.entriesOf(host, link.parent ?? "", link.vlanId));
      case "bridge": {
        if (link.vlanAware && tag !== undefined && link.vlanIds && !link.vlanIds.includes(tag)) {
          return {
            entries: [],
            why: `bridge ${name} on ${host} does not carry VLAN ${tag} (bridge-vids ${link.vlanIds.join(" ")})`,
          };
        }
        const ways = (link.members ?? []).map((member) => this.entriesOf(host, member, tag));
        const why = ways.find((way) => way.why !== undefined)?.why ?? `bridge ${name} on ${host} has no port`;
        const entries = ways.flatMap((way) => way.entries);
        return entries.length > 0 ? below({ entries }) : { entries, why };
      }
      case "bond":
        return below(this.bondEntries(host, name, tag));
      case "nic":
        return this.portOfNic.has(`${host}/${name}`)
          ? { entries: [{ host, nic: name, tag, mtu }] }
          : { entries: [], why: `${name} on ${host} has no link (no cable, or the port is down)` };
      default:
        return { entries: [], why: `${name} on ${host} is not connected to a switch` };
    }
  }

  private bondEntries(host: string, name: string, tag: number | undefined): Entries {
    const bond = this.links(host)[name];
    const ways = (bond?.members ?? []).map((member) => this.entriesOf(host, member, tag));
    const up = ways.flatMap((way) => way.entries);
    if (up.length === 0)
      return { entries: [], why: `${name} on ${host}: no member has a link (${ways[0]?.why ?? "no members"})` };
    const wantsLacp = bond?.bondMode === "802.3ad";
    const partners = up.map((entry) => {
      const port = this.ports.get(this.portOfNic.get(`${host}/${entry.nic}`) ?? "");
      return { entry, group: port?.lacp && port.lag !== undefined ? `${port.switch}/${port.lag}` : undefined };
    });
    if (!wantsLacp) {
      const single = partners.filter(({ group }) => group === undefined);
      if (single.length === 0)
        return { entries: [], why: `${name} on ${host} is ${bond?.bondMode}, but its switch ports form an LACP group` };
      const primary = single.find(({ entry }) => entry.nic === bond?.bondPrimary) ?? single[0];
      return { entries: primary ? [primary.entry] : [] };
    }
    // 802.3ad carries traffic over one aggregator: the largest set of members with the same partner.
    const groups = new Map<string, Entry[]>();
    for (const { entry, group } of partners)
      if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), entry]);
    const best = [...groups.values()].sort((a, b) => b.length - a.length)[0];
    return best
      ? { entries: best }
      : { entries: [], why: `${name} on ${host} is 802.3ad, but no switch port of its members is in an LACP group` };
  }

  /** The largest packet in bytes that gets from one vertex to another; 0: none does. Widest path, as a switch floods everywhere. */
  private widest(from: string, to: string): number {
    const best = new Map<string, number>([[from, Number.POSITIVE_INFINITY]]);
    const queue = [from];
    for (let vertex = queue.shift(); vertex !== undefined; vertex = queue.shift()) {
      const width = best.get(vertex) ?? 0;
      for (const edge of this.edges.get(vertex) ?? []) {
        const next = Math.min(width, edge.mtu);
        // A NIC is an end and not a way: hosts do not forward between their ports.
        if (next <= (best.get(edge.to) ?? 0) || (edge.to.startsWith("nic ") && edge.to !== to)) continue;
        best.set(edge.to, next);
        queue.push(edge.to);
      }
    }
    return best.get(to) ?? 0;
  }

  private static vertex(entry: Entry): string {
    return `nic ${entry.host}/${entry.nic}/${entry.tag ?? ""}`;
  }

  /** Largest packet between two stations, by the best of their NICs; 0: they do not hear each other. */
  between(from: readonly Entry[], to: readonly Entry[]): number {
    let best = 0;
    for (const a of from) {
      for (const b of to) {
        const sameWire = a.host === b.host && a.nic === b.nic && a.tag === b.tag;
        const width = sameWire ? Number.POSITIVE_INFINITY : this.widest(Wiring.vertex(a), Wiring.vertex(b));
        best = Math.max(best, Math.min(a.mtu, b.mtu, width));
      }
    }
    return best;
  }

  /** Largest packet between a station and the router's interface in a VLAN; 0: the router does not hear it. */
  toRouter(from: readonly Entry[], vlanId: number): number {
    return Math.max(
      0,
      ...from.map((entry) => Math.min(entry.mtu, this.widest(Wiring.vertex(entry), `router/${vlanId}`))),
    );
  }
}
