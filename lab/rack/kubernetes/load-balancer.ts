// MetalLB in layer 2 mode: which service gets which address, and who answers for it.
import { createHash } from "node:crypto";
import { formatAddress, parseAddress, parsePrefix, rangeOf } from "../../../plan/ipv4.ts";
import { type ExtraAddress, extraAddresses } from "../stations.ts";
import type { ClusterNode, Readiness } from "./cluster-nodes.ts";
import { type Api, listKind, type Stored, write } from "./objects.ts";
import type { Pod } from "./pods.ts";

const ALLOCATION_MS = 500;

interface Pool {
  readonly name: string;
  readonly autoAssign: boolean;
  readonly ranges: readonly { from: number; to: number }[];
}

/** Who answers for a service's address. */
export interface Announcement {
  readonly address: string;
  /** `namespace/name`. */
  readonly service: string;
  readonly node?: string;
  readonly interface?: string;
  /** Why nobody does. */
  readonly problem?: string;
}

/** Reads `a-b` or `a/n`; undefined where it is neither. */
export function parsePoolRange(text: string): { from: number; to: number } | undefined {
  const [first = "", last] = text.split("-").map((part) => part.trim());
  if (last === undefined) {
    const prefix = parsePrefix(first);
    return prefix.ok ? rangeOf(prefix.value) : undefined;
  }
  const [from, to] = [parseAddress(first), parseAddress(last)];
  return from.ok && to.ok && from.value <= to.value ? { from: from.value, to: to.value } : undefined;
}

function poolsOf(api: Api): Pool[] {
  return listKind(api, "IPAddressPool", "metallb.io").map(({ object }) => {
    const spec = (object.spec ?? {}) as { addresses?: string[]; autoAssign?: boolean };
    return {
      name: object.metadata.name,
      autoAssign: spec.autoAssign !== false,
      ranges: (spec.addresses ?? []).flatMap((text) => parsePoolRange(text) ?? []),
    };
  });
}

function poolWith(pools: readonly Pool[], address: string): Pool | undefined {
  const value = parseAddress(address);
  return pools.find(
    ({ ranges }) => value.ok && ranges.some(({ from, to }) => from <= value.value && value.value <= to),
  );
}

/** Whether MetalLB looks after a service. */
export function isLoadBalancer({ object }: Stored): boolean {
  return (
    object.kind === "Service" &&
    object.spec?.["type"] === "LoadBalancer" &&
    object.spec["loadBalancerClass"] === undefined
  );
}

function requestedAddress({ object }: Stored): string | undefined {
  const annotations = object.metadata.annotations ?? {};
  const requested =
    annotations["metallb.io/loadBalancerIPs"] ??
    annotations["metallb.universe.tf/loadBalancerIPs"] ??
    object.spec?.["loadBalancerIP"];
  return typeof requested === "string" ? requested : undefined;
}

function keyOf({ object }: Stored): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}

function sharesWith(a: Stored, b: Stored): boolean {
  const key = (stored: Stored) => stored.object.metadata.annotations?.["metallb.io/allow-shared-ip"];
  return key(a) !== undefined && key(a) === key(b);
}

function firstFree(pools: readonly Pool[], taken: ReadonlySet<string>): string | undefined {
  for (const { ranges, autoAssign } of pools) {
    if (!autoAssign) continue;
    for (const { from, to } of ranges) {
      for (let value = from; value <= to; value += 1) if (!taken.has(formatAddress(value))) return formatAddress(value);
    }
  }
  return undefined;
}

/** The address a service gets, or the reason of the event `AllocationFailed`. */
function allocate(api: Api, service: Stored): { address: string } | { blocked: string } {
  const failed = (why: string) => ({ blocked: `Failed to allocate IP for "${keyOf(service)}": ${why}` });
  const pools = poolsOf(api);
  const others = listKind(api, "Service").filter(
    (other) => other.address !== undefined && keyOf(other) !== keyOf(service),
  );
  const requested = requestedAddress(service);
  if (requested === undefined) {
    const address = firstFree(pools, new Set(others.flatMap((other) => other.address ?? [])));
    return address === undefined ? failed("no available IPs") : { address };
  }
  if (!parseAddress(requested).ok) return failed(`invalid metallb.io/loadBalancerIPs: "${requested}"`);
  if (!poolWith(pools, requested)) return failed(`["${requested}"] is not allowed in config`);
  const holder = others.find((other) => other.address === requested && !sharesWith(other, service));
  if (holder)
    return failed(`can't change sharing key for "${keyOf(service)}", address also in use by ${keyOf(holder)}`);
  return { address: requested };
}

function controllerReadyAt(pods: readonly Pod[]): number | undefined {
  const moments = pods.flatMap(({ labels, readiness }) =>
    labels["app.kubernetes.io/name"] === "metallb" &&
    labels["app.kubernetes.io/component"] === "controller" &&
    "at" in readiness
      ? [readiness.at]
      : [],
  );
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** When a service has its address; assigns it at the first time. */
export function addressReadiness(api: Api, service: Stored, pods: readonly Pod[]): Readiness {
  const pools = poolsOf(api);
  const requested = requestedAddress(service);
  const isKept =
    service.address !== undefined &&
    (requested === undefined || requested === service.address) &&
    poolWith(pools, service.address);
  if (isKept) return { at: service.changedAt };
  const controller = controllerReadyAt(pods);
  if (controller === undefined)
    return { blocked: "Service was not allocated an IP address; does your cloud provider support this?" };
  const outcome = allocate(api, service);
  if ("blocked" in outcome) return outcome;
  write(api, Object.assign(service, { address: outcome.address }));
  return { at: Math.max(controller, service.changedAt) + ALLOCATION_MS };
}

function interfaceOf(node: ClusterNode, wanted: readonly string[]): { name: string; address: string } | undefined {
  const links = node.talos.config?.links ?? [];
  const link = links.find(
    ({ name, addresses }) => addresses.length > 0 && (wanted.length === 0 || wanted.includes(name)),
  );
  const address = link?.addresses[0]?.split("/")[0];
  return link && address !== undefined && node.talos.addresses.includes(address)
    ? { name: link.name, address }
    : undefined;
}

function isExcluded(node: ClusterNode, speaker: Pod): boolean {
  const ignores = speaker.spec.containers.some(({ args }) => args?.includes("--ignore-exclude-lb"));
  return !ignores && "node.kubernetes.io/exclude-from-external-load-balancers" in node.labels;
}

function announcement(
  api: Api,
  service: Stored,
  address: string,
  pods: readonly Pod[],
  now: number,
): { announcement: Announcement; at?: string } {
  const base = { address, service: keyOf(service) };
  const pool = poolWith(poolsOf(api), address)?.name ?? "";
  const advertisements = listKind(api, "L2Advertisement", "metallb.io").map(
    ({ object }) => (object.spec ?? {}) as { ipAddressPools?: string[]; interfaces?: string[] },
  );
  const fitting = advertisements.filter(
    ({ ipAddressPools }) => !ipAddressPools?.length || ipAddressPools.includes(pool),
  );
  if (fitting.length === 0) return { announcement: { ...base, problem: `no L2Advertisement selects pool ${pool}` } };
  const speakers = pods.filter(
    ({ labels, readiness }) =>
      labels["app.kubernetes.io/component"] === "speaker" && "at" in readiness && readiness.at <= now,
  );
  const candidates = speakers.flatMap((speaker) =>
    speaker.node && !isExcluded(speaker.node, speaker) ? [speaker.node] : [],
  );
  if (speakers.length === 0) return { announcement: { ...base, problem: "no speaker is ready" } };
  if (candidates.length === 0)
    return {
      announcement: {
        ...base,
        problem: "every node has the label node.kubernetes.io/exclude-from-external-load-balancers",
      },
    };
  // The same election on every speaker: the smallest hash wins, whether or not the node has the interface.
  const rank = (node: ClusterNode) => createHash("sha256").update(`${node.name}#${address}`).digest("hex");
  const [elected] = candidates.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  if (!elected) return { announcement: base };
  const interfaces = fitting.some(({ interfaces: names }) => !names?.length)
    ? []
    : fitting.flatMap(({ interfaces: names }) => names ?? []);
  const link = interfaceOf(elected, interfaces);
  if (!link)
    return {
      announcement: {
        ...base,
        node: elected.name,
        problem: `${elected.name} was elected, but has no interface ${interfaces.join(" or ")}`,
      },
    };
  return { announcement: { ...base, node: elected.name, interface: link.name }, at: link.address };
}

/** Who answers for every address that is assigned; also writes it to the wire, so that neighbours find it. */
export function announceAll(api: Api, pods: readonly Pod[], now: number): Announcement[] {
  const extra = extraAddresses(api.rack);
  const purpose = (service: string) => `service ${api.cluster.name}/${service}`;
  const wanted = new Map<string, ExtraAddress>();
  const announcements = listKind(api, "Service").flatMap((service) => {
    if (service.address === undefined || !isLoadBalancer(service)) return [];
    const result = announcement(api, service, service.address, pods, now);
    if (result.at !== undefined)
      wanted.set(service.address, { address: service.address, at: result.at, purpose: purpose(keyOf(service)) });
    return [result.announcement];
  });
  for (const { id, body } of extra.list())
    if (body.purpose.startsWith(purpose("")) && !wanted.has(id)) extra.delete(id);
  for (const [address, entry] of wanted)
    if (JSON.stringify(extra.get(address)) !== JSON.stringify(entry)) extra.put(address, entry);
  return announcements;
}
