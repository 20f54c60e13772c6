// MetalLB's controller: which service has which address, and which one waits for one (metallb v0.16, controller/service.go and main.go).
import { formatAddress, parseAddress, parsePrefix, rangeOf } from "../../../plan/ipv4.ts";
import type { Readiness } from "./cluster-nodes.ts";
import { type Api, listKind, type Stored, write } from "./objects.ts";
import type { Pod } from "./pods.ts";

const ALLOCATION_MS = 500;

/** A pool of addresses. */
interface Pool {
  readonly name: string;
  readonly autoAssign: boolean;
  readonly ranges: readonly { from: number; to: number }[];
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

/** All pools. */
export function poolsOf(api: Api): Pool[] {
  return listKind(api, "IPAddressPool", "metallb.io").map(({ object }) => {
    const spec = (object.spec ?? {}) as { addresses?: string[]; autoAssign?: boolean };
    return {
      name: object.metadata.name,
      autoAssign: spec.autoAssign !== false,
      ranges: (spec.addresses ?? []).flatMap((text) => parsePoolRange(text) ?? []),
    };
  });
}

/** The pool that an address lies in. */
export function poolWith(pools: readonly Pool[], address: string): Pool | undefined {
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

/** `namespace/name`. */
export function keyOf({ object }: Stored): string {
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

interface ControllerState {
  /** The pools it knows, as text. */
  pools: string;
  /** Each service that has an address, and the version in which it was last looked at. */
  seen: Record<string, { version: string; address?: string }>;
}

/** Looks at one service as the controller does; true: it has given up an address and has none now. */
function converge(api: Api, service: Stored): boolean {
  const { address } = service;
  const requested = requestedAddress(service);
  const keeps =
    isLoadBalancer(service) &&
    address !== undefined &&
    (requested === undefined || requested === address) &&
    poolWith(poolsOf(api), address) !== undefined;
  if (keeps || (address === undefined && !isLoadBalancer(service))) return false;
  delete service.address;
  // First it gives up what it has, whether or not it gets the other.
  write(api, service);
  const outcome = isLoadBalancer(service) ? allocate(api, service) : undefined;
  if (outcome !== undefined && "address" in outcome) write(api, Object.assign(service, { address: outcome.address }));
  return address !== undefined && service.address === undefined;
}

/**
 * What the controller has done since it was last asked for: a service is looked at when it changes. All are looked at again when pools
 * change, when one is deleted that had an address, and when one is left without; not when one goes from an address to another: who waits
 * for the former goes on waiting.
 */
function runController(api: Api): void {
  const states = api.rack.collection<ControllerState>(`metallb/${api.cluster.name}`);
  const before = states.get("controller") ?? { pools: "", seen: {} };
  const pools = JSON.stringify(poolsOf(api));
  const services = () => listKind(api, "Service");
  const byChange = services().sort((a, b) => a.changedAt - b.changedAt || a.sequence - b.sequence);
  const versionOf = ({ object }: Stored) => `${object.metadata.uid}/${object.metadata.resourceVersion}`;
  const isThere = new Set(byChange.map(keyOf));
  let isReload =
    pools !== before.pools ||
    Object.entries(before.seen).some(([key, { address }]) => address !== undefined && !isThere.has(key));
  for (const service of byChange) {
    if (before.seen[keyOf(service)]?.version !== versionOf(service)) isReload = converge(api, service) || isReload;
  }
  while (isReload) {
    const sorted = services().sort((a, b) => Number(b.address !== undefined) - Number(a.address !== undefined));
    isReload = sorted.map((service) => converge(api, service)).includes(true);
  }
  const seen = Object.fromEntries(
    services().map((service) => [
      keyOf(service),
      { version: versionOf(service), ...(service.address === undefined ? {} : { address: service.address }) },
    ]),
  );
  const after = { pools, seen };
  if (JSON.stringify(after) !== JSON.stringify(before)) states.put("controller", after);
}

/** Lets the controller do its work, if it runs; `pods`: all of the cluster. */
export function assignAddresses(api: Api, pods: readonly Pod[]): number | undefined {
  const readyAt = controllerReadyAt(pods);
  if (readyAt !== undefined) runController(api);
  return readyAt;
}

/** When a service has its address. */
export function addressReadiness(api: Api, service: Stored, pods: readonly Pod[]): Readiness {
  const before = service.address;
  const controller = assignAddresses(api, pods);
  const address = listKind(api, "Service").find((other) => keyOf(other) === keyOf(service))?.address;
  delete service.address;
  if (address !== undefined) {
    Object.assign(service, { address });
    return {
      at: address === before ? service.changedAt : Math.max(controller ?? 0, service.changedAt) + ALLOCATION_MS,
    };
  }
  if (controller === undefined)
    return { blocked: "Service was not allocated an IP address; does your cloud provider support this?" };
  const outcome = allocate(api, service);
  if ("blocked" in outcome) return outcome;
  return {
    blocked: `Service was not allocated an IP address: ${outcome.address} was taken when MetalLB looked, and it looks again only when a service with an address is deleted or a pool changes`,
  };
}
