// MetalLB's speakers in layer 2 mode: who answers for the address of a service.
import { createHash } from "node:crypto";
import { type ExtraAddress, extraAddresses } from "../stations.ts";
import { answersTo } from "../talos/ingress.ts";
import { ports } from "../talos/reach.ts";
import { assignAddresses, isLoadBalancer, keyOf, poolsOf, poolWith } from "./address-controller.ts";
import type { ClusterNode } from "./cluster-nodes.ts";
import { type Api, listKind, type Stored } from "./objects.ts";
import type { Pod } from "./pods.ts";

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

/** Whether two speakers know of each other: memberlist joins over TCP, whoever begins; without UDP it probes over TCP, too. */
function hears(api: Api, one: ClusterNode, other: ClusterNode): boolean {
  const gets = (from: ClusterNode, to: ClusterNode) =>
    answersTo(api.rack, to.talos, from.talos.machine, to.address, ports.metallbMembers);
  return one === other || gets(one, other) || gets(other, one);
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
  candidates.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const [elected, ...others] = new Set(candidates.map((node) => candidates.find((other) => hears(api, node, other))));
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
  const announced = { ...base, node: elected.name, interface: link.name };
  if (others.length === 0) return { announcement: announced, at: link.address };
  const names = [elected, ...others].map((node) => node?.name).join(" and ");
  const problem = `${names} answer all at once: their speakers do not hear each other on port ${ports.metallbMembers}, so each holds itself for the only one`;
  return { announcement: { ...announced, problem }, at: link.address };
}

/** Who answers for every address that is assigned; also writes it to the wire, so that neighbours find it. */
export function announceAll(api: Api, pods: readonly Pod[], now: number): Announcement[] {
  assignAddresses(api, pods);
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
