// What to measure once a rack is up: commands derived from the plan, each with the result that counts as passed.
import type { Plan, VlanPlan } from "./plan.ts";

/** Bytes of the IPv4 and ICMP headers: what `ping -s` does not count. */
const pingHeaderBytes = 28;
/** Streams of an iperf3 test: one flow stays on one link of an LACP group. */
const bondStreams = 4;

/** One measurement. */
export interface AcceptanceTest {
  readonly name: string;
  /** Where it is run. */
  readonly on: string;
  /** To be started first, on the other end. */
  readonly other?: { readonly on: string; readonly command: string };
  readonly command: string;
  /** What the output must say. */
  readonly expected: string;
}

/** All measurements of a plan, in the order of doing them: links, packet sizes, throughput, latency, names. */
export function acceptanceTests(plan: Plan): readonly AcceptanceTest[] {
  return [
    ...bondTests(plan),
    ...mtuTests(plan),
    ...throughputTests(plan),
    ...reservationTests(plan),
    ...latencyTests(plan),
    ...nameTests(plan),
  ];
}

function bondTests(plan: Plan): AcceptanceTest[] {
  if (plan.platform !== "proxmox") return [];
  return plan.hosts.flatMap((host) =>
    host.bonds.map((bond) => ({
      name: `${bond.name} of ${host.name}`,
      on: host.name,
      command: `cat /proc/net/bonding/${bond.name}`,
      expected:
        bond.mode === "802.3ad"
          ? `${bond.members.length} members up with one Aggregator ID; the partner's MAC is not 00:00:00:00:00:00`
          : `${bond.members.length} members up, one of them active`,
    })),
  );
}

interface End {
  readonly host: string;
  readonly address: string;
}

/** Hosts with an address of their own on a VLAN; where there is none, the nodes: Talos has no shell, so a pod in the node's network. */
function endsOn(plan: Plan, vlan: VlanPlan): readonly End[] {
  const ends = (names: readonly string[], where: (name: string) => string): End[] =>
    plan.addresses.flatMap(({ owner, address, vlan: on }) =>
      on === vlan.name && names.includes(owner) ? [{ host: where(owner), address }] : [],
    );
  const hosts = plan.platform === "proxmox" ? plan.hosts.map((host) => host.name) : [];
  const found = ends(hosts, (name) => name);
  return found.length > 0
    ? found
    : ends(
        plan.nodes.map((node) => node.name),
        (name) => `a pod with hostNetwork on ${name}`,
      );
}

/** Each host to the next and the last to the first: every link is used both ways, without n² commands. */
function neighbours(ends: readonly End[]): (readonly [End, End])[] {
  if (ends.length < 2) return [];
  return ends.flatMap((from, i) => {
    const to = ends[(i + 1) % ends.length];
    return to === undefined || (ends.length === 2 && i === 1) ? [] : [[from, to] as const];
  });
}

function mtuTests(plan: Plan): AcceptanceTest[] {
  return plan.vlans.flatMap((vlan) =>
    neighbours(endsOn(plan, vlan)).map(([from, to]) => ({
      name: `${vlan.mtu} bytes on ${vlan.name}, ${from.host} to ${to.host}`,
      on: from.host,
      command: `ping -M do -s ${vlan.mtu - pingHeaderBytes} -c 10 ${to.address}`,
      expected: "0% packet loss",
    })),
  );
}

function throughputTests(plan: Plan): AcceptanceTest[] {
  return plan.targets.throughput.flatMap((target) => {
    const vlan = plan.vlans.find((one) => one.name === target.vlan);
    if (vlan === undefined) return [];
    return neighbours(endsOn(plan, vlan)).map(([from, to]) => throughputTest(target.name, from, to, target.mbps));
  });
}

function throughputTest(name: string, from: End, to: End, mbps: number): AcceptanceTest {
  return {
    name: `${name}: throughput, ${from.host} to ${to.host}`,
    on: from.host,
    other: { on: to.host, command: `iperf3 -s -1 -B ${to.address}` },
    command: `iperf3 -c ${to.address} -B ${from.address} -t 30 -P ${bondStreams}`,
    expected: `nine tenths of ${mbps} Mbit/s in the sum of the streams; one stream alone never exceeds one link`,
  };
}

/** What nodes have reserved on networks that no target is for: between two of them the lower one. */
function reservationTests(plan: Plan): AcceptanceTest[] {
  if (plan.reservations === undefined) return [];
  const targeted = new Set(plan.targets.throughput.map((target) => target.vlan));
  const reserved = new Map<string, number>();
  for (const { host, vlans } of plan.reservations) {
    const node = plan.nodes.find((one) => one.host === host)?.name;
    for (const { vlan, mbps } of vlans) {
      const entry = plan.addresses.find((one) => one.owner === node && one.vlan === vlan);
      if (entry !== undefined && !targeted.has(vlan)) reserved.set(entry.address, mbps);
    }
  }
  return plan.vlans.flatMap((vlan) =>
    neighbours(endsOn(plan, vlan)).flatMap(([from, to]) => {
      const mbps = Math.min(reserved.get(from.address) ?? 0, reserved.get(to.address) ?? 0);
      return mbps === 0 ? [] : [throughputTest(`reserved for ${vlan.name}`, from, to, mbps)];
    }),
  );
}

function latencyTests(plan: Plan): AcceptanceTest[] {
  return plan.targets.latency.flatMap((target) => {
    const vlan = plan.vlans.find((one) => one.name === target.vlan);
    if (vlan === undefined) return [];
    return neighbours(endsOn(plan, vlan)).map(([from, to]) => ({
      name: `${target.name}: latency, ${from.host} to ${to.host}`,
      on: from.host,
      command: `ping -c 100 -i 0.2 ${to.address}`,
      expected: `avg below ${target.ms} ms`,
    }));
  });
}

function nameTests(plan: Plan): AcceptanceTest[] {
  const [server] = plan.dns.servers;
  return plan.dns.records.map((record) => ({
    name: `the name ${record.fqdn}`,
    on: "anywhere",
    command: `dig +short ${record.fqdn} @${server ?? ""}`,
    expected: record.address,
  }));
}
