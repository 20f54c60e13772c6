// What is lost when one thing fails. Pure: the plan in, a list out.
import { failuresOf } from "./failures.ts";
import { compareText } from "./order.ts";
import type { Plan } from "./plan.ts";
import { type Failure, type Groups, largestGroup, reachableHosts } from "./reachability.ts";
import { type Wiring, wiringOf } from "./wiring.ts";

/** What becomes of the rack then. */
export interface Outcome {
  readonly failure: Failure;
  /** VLAN to the hosts that are cut off from the others on it; hosts that are down are not among them. */
  readonly networks: readonly { readonly vlan: string; readonly hosts: readonly string[] }[];
  /** Services that stop, as sentences. */
  readonly stops: readonly string[];
  /** What goes on with less than before, as sentences. */
  readonly weakens: readonly string[];
}

/** Every failure with its outcome; the same order for the same plan. */
export function analyseFailures(plan: Plan): readonly Outcome[] {
  const wiring = wiringOf(plan);
  return failuresOf(plan, wiring).map((failure) => outcomeOf(plan, wiring, failure));
}

/** Failures that stop a service or a whole network: what stands in the way of "no single point of failure". */
export function singlePoints(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter((outcome) => outcome.stops.length > 0);
}

function outcomeOf(plan: Plan, wiring: Wiring, failure: Failure): Outcome {
  const alive = plan.hosts.map((host) => host.name).filter((name) => !failure.hosts.has(name));
  const groups = new Map(plan.vlans.map((vlan) => [vlan.name, reachableHosts(plan, wiring, failure, vlan)] as const));
  const networks = plan.vlans.flatMap((vlan) => {
    const members = alive.filter((host) => wiring.nics.get(host)?.has(vlan.id));
    const together = largestGroup(groups.get(vlan.name) ?? []);
    const hosts = members.filter((host) => !together.has(host)).sort(compareText);
    return hosts.length === 0 ? [] : [{ vlan: vlan.name, hosts, isWhole: hosts.length === members.length }];
  });
  const routed = plan.vlans.filter((vlan) => vlan.gateway !== undefined).map((vlan) => vlan.name);
  const whole = networks.filter((network) => network.isWhole).map((network) => network.vlan);
  const apart = failure.kind === "router" ? routed : cutFromRouter(plan, wiring, failure, whole);
  const lost = whole.map((vlan) => `every host is cut off from ${vlan}`);
  const router = apart.length === 0 ? [] : [`no way from ${apart.join(", ")} to the router and beyond`];
  const services = [
    bandwidth(plan, failure),
    etcd(plan, groups),
    api(plan, failure, groups),
    ...ceph(plan, failure, groups),
    proxmox(plan, groups),
    ring(plan, failure),
    ...linstor(plan, failure, groups),
  ];
  return {
    failure,
    networks: networks.map(({ vlan, hosts }) => ({ vlan, hosts })),
    stops: [...lost, ...router, ...services.flatMap((service) => service.stops ?? [])],
    weakens: services.flatMap((service) => service.weakens ?? []),
  };
}

interface Effect {
  readonly stops?: string;
  readonly weakens?: string;
}
type VlanGroups = ReadonlyMap<string, Groups>;

/** Routed VLANs whose only described ways out of the rack failed, where hosts still have each other. */
function cutFromRouter(plan: Plan, wiring: Wiring, failure: Failure, whole: readonly string[]): string[] {
  const described = new Set(plan.switches.map(({ name }) => name));
  return plan.vlans.flatMap((vlan) => {
    const out = wiring.uplinks.filter(({ to, vlanIds }) => !described.has(to) && vlanIds.includes(vlan.id));
    const isUsed = [...wiring.nics.values()].some((vlans) => vlans.has(vlan.id)) && !whole.includes(vlan.name);
    const left = out.filter(
      ({ switchName, port }) => !failure.uplinks.has(`${switchName}/${port}`) && !failure.switches.has(switchName),
    );
    return vlan.gateway !== undefined && isUsed && out.length > 0 && left.length === 0 ? [vlan.name] : [];
  });
}

/** A bond goes on with the members it has left. */
function bandwidth(plan: Plan, failure: Failure): Effect {
  const [wire] = failure.wires;
  const [name, nic] = wire?.split("/") ?? [];
  const bond = plan.hosts.find((host) => host.name === name)?.bonds.find((one) => one.members.includes(nic ?? ""));
  if (bond === undefined || bond.members.length < 2) return {};
  if (bond.mode === "active-backup") return { weakens: `${bond.name} of ${name} goes on with its other member` };
  const nics = plan.hardware.hosts.find((host) => host.name === name)?.nics ?? [];
  const speed = (members: readonly string[]): number =>
    nics.reduce((sum, one) => sum + (members.includes(one.name) ? one.speedMbps : 0), 0);
  const left = bond.members.filter((member) => member !== nic);
  return { weakens: `${bond.name} of ${name} goes on with ${speed(left)} of ${speed(bond.members)} Mbit/s` };
}

function quorum(what: string, members: readonly string[], together: ReadonlySet<string>, stop: string): Effect {
  const alive = members.filter((host) => together.has(host)).length;
  if (alive === members.length) return {};
  const counted = `${alive} of ${members.length} ${what} see each other`;
  return alive > members.length / 2 ? { weakens: `${counted}: quorum holds` } : { stops: `${counted}: ${stop}` };
}

const onVlan = (groups: VlanGroups, vlan: string): ReadonlySet<string> => largestGroup(groups.get(vlan) ?? []);
const controlPlaneHosts = (plan: Plan): string[] =>
  plan.nodes.filter((node) => node.role === "controlplane").map((node) => node.host);

function etcd(plan: Plan, groups: VlanGroups): Effect {
  return quorum(
    "etcd members",
    controlPlaneHosts(plan),
    onVlan(groups, plan.managementVlan),
    "no quorum, the Kubernetes API takes no change",
  );
}

function api(plan: Plan, failure: Failure, groups: VlanGroups): Effect {
  const together = onVlan(groups, plan.managementVlan);
  const answers = controlPlaneHosts(plan).filter((host) => together.has(host));
  if (plan.cluster.vip !== undefined) {
    if (answers.length === 0) return { stops: `nobody answers on the shared address ${plan.cluster.vip}` };
    return answers.some((host) => failure.hosts.has(host))
      ? { weakens: "the shared address moves to another control plane" }
      : {};
  }
  const node = plan.nodes.find((one) => one.managementAddress === plan.cluster.endpointAddress);
  if (node === undefined || together.has(node.host)) return {};
  return {
    stops: `nobody answers on the API's address ${plan.cluster.endpointAddress}, whatever other control planes do`,
  };
}

function ceph(plan: Plan, failure: Failure, groups: VlanGroups): Effect[] {
  const { ceph } = plan;
  if (ceph === undefined) return [];
  const on = (prefix: string): ReadonlySet<string> =>
    prefix === plan.ring?.prefix
      ? onRing(plan, failure)
      : onVlan(groups, plan.vlans.find((vlan) => vlan.prefix === prefix)?.name ?? "");
  const [together, replicating] = [on(ceph.publicPrefix), on(ceph.clusterPrefix)];
  const monitors = quorum(
    "Ceph monitors",
    ceph.monitors.map((monitor) => monitor.host),
    together,
    "no quorum, all volumes stand still",
  );
  const osds = ceph.osds.filter((osd) => failure.disk?.host !== osd.host || failure.disk.name !== osd.disk);
  const all = new Set(ceph.osds.map((osd) => osd.host)).size;
  const left = new Set(osds.filter(({ host }) => together.has(host) && replicating.has(host)).map((osd) => osd.host))
    .size;
  // A copy per host: as many hosts as are missing may each have held one of a block's copies.
  const copies = ceph.pool.size - (all - left);
  if (left === all)
    return osds.length === ceph.osds.length
      ? [monitors]
      : [monitors, { weakens: "Ceph copies the disk's data to others" }];
  const counted = `OSDs on ${left} of ${all} hosts`;
  if (copies >= ceph.pool.minSize)
    return [monitors, { weakens: `${counted}: ${copies} of ${ceph.pool.size} copies at least, writing goes on` }];
  return [
    monitors,
    { stops: `${counted}: fewer copies than the pool's minimum of ${ceph.pool.minSize}, writing stops` },
  ];
}

function proxmox(plan: Plan, groups: VlanGroups): Effect {
  const members = plan.proxmoxCluster?.members.map((member) => member.host) ?? [];
  const [first] = plan.proxmoxCluster?.members ?? [];
  const networks = (first?.links ?? []).flatMap(
    (address) => plan.addresses.find((entry) => entry.address === address)?.vlan ?? [],
  );
  const together = networks.map((vlan) => onVlan(groups, vlan)).sort((a, b) => b.size - a.size)[0];
  if (together === undefined || members.length < 2) return {};
  return quorum("Proxmox hosts", members, together, "no quorum, no machine can be started or changed");
}

function linstor(plan: Plan, failure: Failure, groups: VlanGroups): Effect[] {
  const { linstor } = plan;
  if (linstor === undefined) return [];
  // What a ring's cables do to it is the ring's own line.
  const vlan = plan.addresses.find(({ address }) => address === linstor.interfaces[0]?.address)?.vlan;
  const together = vlan === undefined ? undefined : onVlan(groups, vlan);
  const isLost = (host: string): boolean =>
    failure.hosts.has(host) ||
    together?.has(host) === false ||
    (failure.disk?.host === host &&
      plan.hosts.some(
        (one) =>
          one.name === host && one.disks.some((disk) => disk.name === failure.disk?.name && disk.use === "linstor"),
      ));
  const holders = linstor.devices.flatMap((device) => plan.nodes.filter((node) => node.name === device.node));
  const places = holders
    .filter(({ host }) => isLost(host))
    .map((node) => node.labels[linstor.differentOn ?? ""] ?? node.host);
  // A volume has no more than one replica in a place.
  const lost = new Set(places).size;
  if (lost === 0) return [];
  if (lost >= linstor.replicas)
    return [{ stops: `volumes with all of their ${linstor.replicas} replicas there stand still` }];
  return [{ weakens: `LINSTOR volumes go on with ${linstor.replicas - lost} of ${linstor.replicas} replicas` }];
}

/** Of a pulled cable of the ring, where something replicates over it. */
function ring(plan: Plan, failure: Failure): Effect {
  const isUsed = plan.linstor !== undefined || plan.ceph?.clusterPrefix === plan.ring?.prefix;
  if (failure.ringCable === undefined || !isUsed) return {};
  const together = onRing(plan, failure);
  const apart = (plan.ring?.members ?? []).map((member) => member.host).filter((host) => !together.has(host));
  // What becomes of Ceph's copies then is Ceph's own line.
  if (apart.length > 0)
    return plan.linstor === undefined ? {} : { stops: `${apart.join(" and ")} cannot replicate with the others` };
  return { weakens: "the ring is open: replication takes the longer way round" };
}

/** The largest group of members that reach each other over the cables that are left. */
function onRing(plan: Plan, failure: Failure): ReadonlySet<string> {
  const cables = (plan.ring?.cables ?? []).filter((_, i) => i !== failure.ringCable);
  const alive = (plan.ring?.members ?? []).map((member) => member.host).filter((host) => !failure.hosts.has(host));
  const groups = alive.map((start) => {
    const reached = new Set([start]);
    // The set grows while it is walked: a queue in order of discovery.
    for (const host of reached) {
      for (const { a, b } of cables) {
        const next = a.host === host ? b.host : b.host === host ? a.host : host;
        if (alive.includes(next)) reached.add(next);
      }
    }
    return reached;
  });
  return largestGroup(groups);
}
