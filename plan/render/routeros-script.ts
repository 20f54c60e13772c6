// The configuration of a MikroTik switch as a RouterOS 7 script. The order matters: VLAN filtering comes last, after the way to the
// switch's own address is there, else the first line cuts off whoever sends the rest.
import type { BondPlan, Plan, SwitchPlan, SwitchPortPlan } from "../plan.ts";

/** Largest frame that a model's switch chip takes (help.mikrotik.com, MTU in RouterOS); others get room for a VLAN tag or two. */
const maxL2Mtu: Readonly<Record<string, number>> = { "CRS309-1G-8S+IN": 10_218 };
const tagBytes = 8;

const hashPolicies: Record<BondPlan["xmitHashPolicy"], string> = {
  layer2: "layer-2",
  "layer2+3": "layer-2-and-3",
  "layer3+4": "layer-3-and-4",
};

/** Ports that belong together: the members of an LACP group, or one port alone. */
interface PortGroup {
  readonly name: string;
  readonly ports: readonly SwitchPortPlan[];
  readonly isBond: boolean;
}

/** The script; running it on a switch without configuration gives what the plan expects. */
export function renderRouterosScript(plan: Plan, device: SwitchPlan): string {
  const groups = groupsOf(device);
  const own = plan.addresses.find((entry) => entry.owner === device.name);
  const management = plan.vlans.find((vlan) => vlan.name === own?.vlan);
  const vlanIds = [
    ...new Set(
      device.ports.flatMap((port) => [
        ...port.taggedVlanIds,
        ...(port.nativeVlanId === undefined ? [] : [port.nativeVlanId]),
      ]),
    ),
  ].sort((a, b) => a - b);
  const gateway = management?.gateway;
  // The bridge is an untagged member of VLAN 1 anyway; any other VLAN reaches it tagged, by an interface of its own.
  const isDefault = management?.id === 1;
  return [
    `# ${device.name} (${device.model})`,
    ...device.ports.map(
      (port) =>
        `/interface/ethernet set [find where name=${port.port}] l2mtu=${maxL2Mtu[device.model] ?? port.mtu + tagBytes} mtu=${port.mtu}`,
    ),
    ...groups.filter((group) => group.isBond).map((group) => bonding(plan, group)),
    `/interface/bridge add name=bridge vlan-filtering=no mtu=${device.mtu}`,
    ...groups.map(bridgePort),
    ...vlanIds.map((id) =>
      bridgeVlan(groups, id, id === management?.id ? (isDefault ? "untagged" : "tagged") : undefined),
    ),
    ...(management === undefined || own === undefined
      ? ["# no management address in the description: keep the one the switch has"]
      : [
          ...(isDefault
            ? []
            : [`/interface/vlan add interface=bridge name=${management.name} vlan-id=${management.id}`]),
          `/ip/address add address=${own.address}/${management.prefixLength} interface=${isDefault ? "bridge" : management.name}`,
          ...(gateway === undefined ? [] : [`/ip/route add dst-address=0.0.0.0/0 gateway=${gateway}`]),
        ]),
    "# last, and only when the switch answers on the address above:",
    "/interface/bridge set bridge vlan-filtering=yes",
  ].join("\n");
}

function groupsOf(device: SwitchPlan): PortGroup[] {
  const groups = new Map<string, SwitchPortPlan[]>();
  for (const port of device.ports)
    groups.set(port.lag ?? port.port, [...(groups.get(port.lag ?? port.port) ?? []), port]);
  return [...groups].map(([name, ports]) => ({ name, ports, isBond: ports[0]?.lag !== undefined }));
}

function bonding(plan: Plan, { name, ports }: PortGroup): string {
  const [first] = ports;
  const bond = plan.hosts
    .find((host) => host.name === first?.host)
    ?.bonds.find((one) => one.members.includes(first?.nic ?? ""));
  // `lacp-rate` is how often this side asks the other to send; fast on both sides finds a dead link in three seconds.
  const rate = bond?.lacpRate === "slow" ? "30secs" : "1sec";
  const slaves = ports.map((port) => port.port).join(",");
  return `/interface/bonding add name=${name} mode=802.3ad slaves=${slaves} lacp-rate=${rate} transmit-hash-policy=${hashPolicies[bond?.xmitHashPolicy ?? "layer3+4"]} mtu=${first?.mtu ?? 1500}`;
}

function bridgePort({ name, ports }: PortGroup): string {
  const native = ports[0]?.nativeVlanId;
  const isTagged = (ports[0]?.taggedVlanIds.length ?? 0) > 0;
  const types =
    native === undefined
      ? "admit-only-vlan-tagged"
      : isTagged
        ? "admit-all"
        : "admit-only-untagged-and-priority-tagged";
  return `/interface/bridge/port add bridge=bridge interface=${name} frame-types=${types} ingress-filtering=yes${native === undefined ? "" : ` pvid=${native}`}`;
}

function bridgeVlan(groups: readonly PortGroup[], id: number, self: "tagged" | "untagged" | undefined): string {
  const tagged = groups.filter(({ ports }) => ports[0]?.taggedVlanIds.includes(id)).map((group) => group.name);
  const untagged = groups.filter(({ ports }) => ports[0]?.nativeVlanId === id).map((group) => group.name);
  if (self === "tagged") tagged.unshift("bridge");
  if (self === "untagged") untagged.unshift("bridge");
  const list = (key: string, names: readonly string[]): string =>
    names.length === 0 ? "" : ` ${key}=${names.join(",")}`;
  return `/interface/bridge/vlan add bridge=bridge vlan-ids=${id}${list("tagged", tagged)}${list("untagged", untagged)}`;
}
