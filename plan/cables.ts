// Cables: which NIC is plugged into which switch port, and whether both ends agree on speed, VLANs and LACP.
import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";
import { inOrder, sortedEntries, sortedTexts } from "./order.ts";
import type { SwitchPlan, SwitchPortPlan } from "./plan.ts";

type Switch = Environment["switches"][string];
type Port = Switch["ports"][string];

const maxUnifiMembers = 4;
/** Port 2 before port 10. One collator for all: making one takes longer than planning a host. */
const portOrder = new Intl.Collator("en", { numeric: true });

/** One end of a cable at a switch. */
export interface CableEnd {
  readonly switchName: string;
  readonly port: string;
  readonly path: string;
  readonly speedMbps: number;
  readonly mtu: number;
  readonly lacp: boolean;
  readonly lag?: string;
  readonly native?: string;
  readonly tagged: ReadonlySet<string>;
}

/** `<host>/<nic>` to the switch port it is plugged into. */
export type Cables = ReadonlyMap<string, CableEnd>;

/** Reads all port tables; reports unknown names, NICs plugged in twice, and LACP groups whose members differ. */
export function readCables(draft: Draft): Cables {
  const cables = new Map<string, CableEnd>();
  const devices = Object.values(draft.env.vlans).flatMap((vlan) => Object.keys(vlan.devices));
  const uplinks = new Set([...Object.keys(draft.env.switches), draft.env.router.name, ...devices]);
  const controllers = Object.values(draft.env.hosts).flatMap(({ outOfBand }) => outOfBand?.name ?? []);
  const leaves = new Set([...devices, ...controllers]);
  for (const [switchName, device] of sortedEntries(draft.env.switches)) {
    const groups = new Map<string, LagMember>();
    for (const [port, settings] of sortedEntries(device.ports)) {
      const path = `switches.${switchName}.ports.${port}`;
      const tagged = taggedVlans(draft, settings.tagged, `${path}.tagged`);
      checkNative(draft, path, settings, tagged);
      if (settings.uplink !== undefined) draft.known("uplink", settings.uplink, uplinks, `${path}.uplink`);
      if (settings.device !== undefined) draft.known("device", settings.device, leaves, `${path}.device`);
      if (settings.lag !== undefined) checkLag(draft, path, device, groups, settings.lag, { port, settings, tagged });
      const end: CableEnd = {
        switchName,
        port,
        path,
        speedMbps: settings.speedMbps,
        mtu: settings.mtu ?? device.mtu,
        lacp: device.lacp,
        tagged,
        ...(settings.lag === undefined ? {} : { lag: settings.lag }),
        ...(settings.native === undefined ? {} : { native: settings.native }),
      };
      if (settings.host !== undefined) plugIn(draft, cables, settings.host, settings.nic, end);
    }
    if (device.os === "unifi") checkUnifiGroups(draft, switchName, device);
  }
  return cables;
}

interface LagMember {
  readonly port: string;
  readonly settings: Port;
  readonly tagged: ReadonlySet<string>;
}

function checkNative(draft: Draft, path: string, settings: Port, tagged: ReadonlySet<string>): void {
  if (settings.native === undefined) return;
  if (!draft.known("vlan", settings.native, draft.env.vlans, `${path}.native`)) return;
  if (settings.tagged === "all" || !tagged.has(settings.native)) return;
  draft.error(
    "vlan-native-and-tagged",
    path,
    `VLAN ${settings.native} is both native and tagged; frames are either untagged or tagged, leave it out of one`,
  );
}

function checkLag(
  draft: Draft,
  path: string,
  device: Switch,
  groups: Map<string, LagMember>,
  lag: string,
  member: LagMember,
): void {
  // Where a host is at the other end its bond says so.
  if (!device.lacp && member.settings.host === undefined) {
    const message = `${device.model} cannot form LACP groups; take the port out of ${lag} or use another switch`;
    draft.error("switch-without-lacp", path, message);
  }
  const first = groups.get(lag);
  if (first === undefined) {
    groups.set(lag, member);
    return;
  }
  const [own, other] = [member, first].map(({ settings, tagged }) => portSettings(settings, tagged));
  if (own !== other) {
    draft.error(
      "lag-members-differ",
      path,
      `port ${member.port} (${own}) is in LACP group ${lag} with port ${first.port} (${other}); all members must be set alike`,
    );
  }
  const [end, firstEnd] = [member, first].map(
    ({ settings }) => settings.host ?? settings.uplink ?? settings.device ?? "nothing",
  );
  if (end !== firstEnd) {
    const message = `LACP group ${lag} joins ports of ${firstEnd} and ${end}; a group ends at one device`;
    draft.error("lag-shared", path, message);
  }
}

/** How a port is set: two texts differ where two ports do. */
export function portSettings({ speedMbps, native }: Port, tagged: Iterable<string>): string {
  return `${speedMbps} Mbit/s, native ${native ?? "none"}, tagged ${sortedTexts(tagged).join(" ") || "none"}`;
}

function plugIn(
  draft: Draft,
  cables: Map<string, CableEnd>,
  hostName: string,
  nic: string | undefined,
  end: CableEnd,
): void {
  if (!draft.known("host", hostName, draft.env.hosts, `${end.path}.host`)) return;
  const nics = draft.env.hosts[hostName]?.nics ?? {};
  if (nic === undefined) {
    const names = sortedTexts(Object.keys(nics)).join(", ");
    draft.error(
      "port-without-nic",
      end.path,
      `port ${end.port} leads to ${hostName} but does not say to which NIC; add nic: (there are: ${names})`,
    );
    return;
  }
  if (!draft.known("nic", nic, nics, `${end.path}.nic`)) return;
  const key = `${hostName}/${nic}`;
  const other = cables.get(key);
  if (other !== undefined) {
    draft.error(
      "nic-cabled-twice",
      end.path,
      `${key} is already plugged into port ${other.port} of ${other.switchName} (${other.path}); a NIC has one cable`,
    );
    return;
  }
  const nicSpeed = nics[nic]?.speedMbps;
  if (nicSpeed !== undefined && nicSpeed !== end.speedMbps) {
    draft.warn(
      "link-speed-differs",
      `${end.path}.speedMbps`,
      `the port has ${end.speedMbps} Mbit/s and ${key} has ${nicSpeed} Mbit/s; the link runs at the lower speed or not at all`,
    );
  }
  cables.set(key, end);
}

/** UniFi aggregates two to four neighbouring ports (help.ui.com, Link Aggregation). */
function checkUnifiGroups(draft: Draft, switchName: string, device: Switch): void {
  const groups = new Map<string, string[]>();
  for (const [port, { lag }] of sortedEntries(device.ports)) {
    if (lag !== undefined) groups.set(lag, [...(groups.get(lag) ?? []), port]);
  }
  for (const [lag, ports] of groups) {
    const numbers = ports.map(Number).sort((a, b) => a - b);
    const sequential = numbers.every((number, i) => i === 0 || number === (numbers[i - 1] ?? 0) + 1);
    if (ports.length <= maxUnifiMembers && (numbers.some(Number.isNaN) || sequential)) continue;
    draft.warn(
      "lag-ports-apart",
      `switches.${switchName}.ports`,
      `LACP group ${lag} has the ports ${ports.join(", ")}; UniFi aggregates up to ${maxUnifiMembers} ports with consecutive numbers only`,
    );
  }
}

function taggedVlans(draft: Draft, tagged: "all" | readonly string[], path: string): Set<string> {
  if (tagged === "all") return new Set(Object.keys(draft.env.vlans));
  return new Set(tagged.filter((name, i) => draft.known("vlan", name, draft.env.vlans, `${path}[${i}]`)));
}

/** Names of the VLANs that a port tags, as its settings say: known or not. */
export function taggedNames(draft: Draft, { tagged, native }: Port): readonly string[] {
  return tagged === "all" ? Object.keys(draft.env.vlans).filter((vlan) => vlan !== native) : tagged;
}

/** Whether frames of a VLAN pass a port, tagged or not. */
export function carriesVlan({ native, tagged }: Port, vlan: string): boolean {
  return native === vlan || tagged === "all" || tagged.includes(vlan);
}

/** The ports of a switch in the order in which people count them. */
export function portsOf({ ports }: Switch): readonly (readonly [string, Port])[] {
  return sortedEntries(ports).toSorted(([a], [b]) => portOrder.compare(a, b));
}

/** The switches as the Plan shows them, with VLAN ids for names. */
export function planSwitches(draft: Draft): SwitchPlan[] {
  const idOf = (name: string): number[] => {
    const id = draft.env.vlans[name]?.id;
    return id === undefined ? [] : [id];
  };
  return sortedEntries(draft.env.switches).map(([name, device]) => ({
    name,
    model: device.model,
    os: device.os,
    mtu: device.mtu,
    lacp: device.lacp,
    ...(device.address === undefined ? {} : { address: device.address }),
    ports: portsOf(device).map(
      ([port, settings]): SwitchPortPlan => ({
        port,
        speedMbps: settings.speedMbps,
        mtu: settings.mtu ?? device.mtu,
        taggedVlanIds: inOrder(taggedNames(draft, settings).flatMap(idOf), (a, b) => a - b),
        ...(settings.native === undefined ? {} : { nativeVlanId: idOf(settings.native)[0] ?? 0 }),
        ...(settings.host === undefined ? {} : { host: settings.host }),
        ...(settings.nic === undefined ? {} : { nic: settings.nic }),
        ...(settings.uplink === undefined ? {} : { uplink: settings.uplink }),
        ...(settings.device === undefined ? {} : { device: settings.device }),
        ...(settings.lag === undefined ? {} : { lag: settings.lag }),
      }),
    ),
  }));
}

/** Switches have addresses too: on whichever VLAN contains them. */
export function claimSwitchAddresses(draft: Draft): void {
  for (const [name, device] of sortedEntries(draft.env.switches)) {
    if (device.address === undefined) continue;
    const path = `switches.${name}.address`;
    const address = draft.address(device.address, path);
    if (address === undefined) continue;
    const vlan = draft.vlanOf(address);
    if (vlan === undefined)
      draft.error(
        "address-outside-vlan",
        path,
        `${device.address} of ${name} is on none of the VLANs; add its VLAN or correct the address`,
      );
    else draft.claimOn(vlan.name, device.address, name, path);
  }
}
