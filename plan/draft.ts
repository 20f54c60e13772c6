// What the planning steps share: the description, the problems found so far, and every address with its owner. A value that does not
// parse is reported once, here, and is absent afterwards, so that no check complains about it again.
import type { Environment } from "../config/schema.ts";
import {
  type Address,
  contains,
  formatAddress,
  formatPrefix,
  isNetworkOrBroadcast,
  lastOf,
  overlaps,
  type Parsed,
  type Prefix,
  parseAddress,
  parsePrefix,
  type Range,
  rangeOf,
} from "./ipv4.ts";
import { nearest } from "./nearest.ts";
import { compareText } from "./order.ts";
import type { AddressEntry } from "./plan.ts";
import type { ProblemCode } from "./problem-codes.ts";
import type { Problem, Severity } from "./problems.ts";

/** A VLAN whose prefix parsed. */
export interface DraftVlan {
  readonly name: string;
  readonly path: string;
  readonly id: number;
  readonly prefix: Prefix;
  readonly mtu: number;
  readonly gateway?: Address;
  /** Whether it says that a router has an address on it, well written or not. */
  readonly isRouted: boolean;
  readonly ranges: readonly (Range & {
    readonly use: "reserved" | "static" | "dhcp";
    readonly purpose?: string;
    readonly path: string;
  })[];
}

interface Claim {
  readonly address: Address;
  readonly owner: string;
  readonly path: string;
  readonly vlan?: string;
}

const has = (map: Keys, name: string): boolean => (map instanceof Set ? map.has(name) : Object.hasOwn(map, name));

type Keys = ReadonlySet<string> | Readonly<Record<string, unknown>>;

/** What can be named in a description, and the code of a name that is not there. */
const unknownCodes = {
  bridge: "bridge-unknown",
  device: "device-unknown",
  disk: "disk-unknown",
  host: "host-unknown",
  link: "link-unknown",
  nic: "nic-unknown",
  node: "node-unknown",
  uplink: "uplink-unknown",
  "usb4 port": "usb4-port-unknown",
  vlan: "vlan-unknown",
  zone: "zone-unknown",
} as const satisfies Record<string, ProblemCode>;

/** Among more names than this nobody looks for a typing error: thousands of mistakes would take minutes. */
const maxSearched = 1000;

/** The state of one planning run. */
export class Draft {
  readonly env: Environment;
  readonly problems: Problem[] = [];
  readonly vlans = new Map<string, DraftVlan>();
  /** Set once two VLANs were found to overlap. */
  vlansOverlap = false;
  private readonly claims = new Map<Address, Claim>();
  private nodesByHost: ReadonlyMap<string, Environment["nodes"][string]> | undefined;
  private sortedVlans: readonly DraftVlan[] | undefined;

  constructor(env: Environment) {
    this.env = env;
  }

  /** Records a finding. */
  report(severity: Severity, code: ProblemCode, path: string, message: string): void {
    this.problems.push({ severity, code, path, message });
  }

  error(code: ProblemCode, path: string, message: string): void {
    this.report("error", code, path, message);
  }

  warn(code: ProblemCode, path: string, message: string): void {
    this.report("warning", code, path, message);
  }

  note(code: ProblemCode, path: string, message: string): void {
    this.report("note", code, path, message);
  }

  /** The address, or undefined after reporting why it is none. */
  address(text: string, path: string): Address | undefined {
    return this.parsed(parseAddress(text), "address-invalid", path);
  }

  /** The prefix, or undefined after reporting why it is none. */
  prefix(text: string, path: string): Prefix | undefined {
    return this.parsed(parsePrefix(text), "prefix-invalid", path);
  }

  private parsed<T>(result: Parsed<T>, code: ProblemCode, path: string): T | undefined {
    if (result.ok) return result.value;
    this.error(code, path, result.reason);
    return undefined;
  }

  /** Gives an address to an owner; a second owner is a conflict that names both. */
  claim(address: Address, owner: string, path: string, vlan?: string): void {
    const other = this.claims.get(address);
    if (other === undefined) {
      this.claims.set(address, { address, owner, path, ...(vlan === undefined ? {} : { vlan }) });
      return;
    }
    if (other.owner === owner) return;
    this.error(
      "address-owned-twice",
      path,
      `${formatAddress(address)} of ${owner} is also the address of ${other.owner} (${other.path}); give one of them another`,
    );
  }

  /** Parses an address on a VLAN, checks that a device may have it there, and claims it. */
  claimOn(vlanName: string, text: string, owner: string, path: string): Address | undefined {
    const address = this.address(text, path);
    const vlan = this.vlans.get(vlanName);
    if (address === undefined || vlan === undefined) return undefined;
    this.checkMember(vlan, address, owner, path);
    this.claim(address, owner, path, vlanName);
    return address;
  }

  /** Whether an address may be used on a VLAN: inside, not its ends, not in a range kept free or leased out. */
  checkMember(vlan: DraftVlan, address: Address, owner: string, path: string): void {
    const text = formatAddress(address);
    if (!contains(vlan.prefix, address)) {
      this.error(
        "address-outside-vlan",
        path,
        `${text} of ${owner} is outside ${formatPrefix(vlan.prefix)} of VLAN ${vlan.name}; choose one inside`,
      );
      return;
    }
    if (isNetworkOrBroadcast(vlan.prefix, address)) {
      this.error(
        "address-network-or-broadcast",
        path,
        `${text} of ${owner} is the ${address === vlan.prefix.network ? "network" : "broadcast"} address of ${formatPrefix(vlan.prefix)}; no device may have it, choose another`,
      );
    }
    for (const range of vlan.ranges) {
      if (address < range.from || address > range.to || range.use === "static") continue;
      const purpose = range.purpose === undefined ? "" : ` for ${range.purpose}`;
      this.error(
        range.use === "dhcp" ? "address-in-dhcp-range" : "address-reserved",
        path,
        `${text} of ${owner} lies in the ${range.use === "dhcp" ? "DHCP" : "reserved"} range ${formatAddress(range.from)}-${formatAddress(range.to)}${purpose}; choose another or shrink the range`,
      );
    }
  }

  /** A name that must be a key of one of the maps; reports it with the nearest one otherwise. */
  known(kind: keyof typeof unknownCodes, name: string, maps: Keys | readonly Keys[], path: string): boolean {
    if (!Array.isArray(maps) && has(maps as Keys, name)) return true;
    const all = Array.isArray(maps) ? (maps as readonly Keys[]) : [maps as Keys];
    if (all.some((map) => has(map, name))) return true;
    const names = all.flatMap((map) => (map instanceof Set ? [...map] : Object.keys(map))).sort(compareText);
    const near = names.length > maxSearched ? undefined : nearest(name, names);
    const list = names.length > 0 && names.length <= 12 ? ` (there are: ${names.join(", ")})` : "";
    const hint = near === undefined ? list : `; did you mean "${near}"?`;
    this.error(unknownCodes[kind], path, `there is no ${kind} "${name}"${hint}`);
    return false;
  }

  /** The VLANs by first address. */
  private get vlansByNetwork(): readonly DraftVlan[] {
    if (this.sortedVlans?.length !== this.vlans.size) {
      this.sortedVlans = [...this.vlans.values()].sort((a, b) => a.prefix.network - b.prefix.network);
    }
    return this.sortedVlans;
  }

  /** The VLANs that share an address with a range, by first address. */
  vlansIn(range: Range): readonly DraftVlan[] {
    const vlans = this.vlansByNetwork;
    // VLANs do not overlap, so those in question stand side by side; only where they do (an error of its own) all are looked at.
    if (this.vlansOverlap) return vlans.filter((vlan) => overlaps(rangeOf(vlan.prefix), range));
    let low = 0;
    for (let high = vlans.length; low < high; ) {
      const middle = (low + high) >>> 1;
      const vlan = vlans[middle];
      if (vlan !== undefined && lastOf(vlan.prefix) < range.from) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while ((vlans[end]?.prefix.network ?? Number.POSITIVE_INFINITY) <= range.to) end += 1;
    return vlans.slice(low, end);
  }

  /** The VLAN an address lies on. */
  vlanOf(address: Address): DraftVlan | undefined {
    return this.vlansIn({ from: address, to: address })[0];
  }

  /** The node that a host is; only on the metal. */
  metalNode(hostName: string): Environment["nodes"][string] | undefined {
    if (this.env.platform !== "metal") return undefined;
    this.nodesByHost ??= new Map(Object.values(this.env.nodes).map((node) => [node.host, node]));
    return this.nodesByHost.get(hostName);
  }

  /** Who has the address, if anybody. */
  ownerOf(address: Address): string | undefined {
    return this.claims.get(address)?.owner;
  }

  /** All addresses, by number. */
  addressEntries(): AddressEntry[] {
    return [...this.claims.values()]
      .sort((a, b) => a.address - b.address)
      .map(({ address, owner, path, vlan }) => ({
        address: formatAddress(address),
        owner,
        path,
        ...(vlan === undefined ? {} : { vlan }),
      }));
  }

  /** Claims as numbers, for checks over ranges. */
  *claimed(): Iterable<Claim> {
    yield* this.claims.values();
  }
}
