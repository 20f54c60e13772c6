// The USB4 ring: cables between free ports, one /32 per member.
import type { Draft } from "./draft.ts";
import { contains, formatPrefix, overlaps, rangeOf } from "./ipv4.ts";
import { sortedEntries } from "./order.ts";
import type { RingCablePlan, RingPlan } from "./plan.ts";
import { ringEnds } from "./ring-routes.ts";

/** Checks the ring and claims its addresses. */
export function readRing(draft: Draft): void {
  const { env } = draft;
  const ring = env.usb4Ring;
  if (ring === undefined) return;
  const prefix = draft.prefix(ring.prefix, "usb4Ring.prefix");
  if (prefix !== undefined) {
    for (const vlan of draft.vlans.values()) {
      if (overlaps(rangeOf(prefix), rangeOf(vlan.prefix)))
        draft.error(
          "prefix-overlap",
          "usb4Ring.prefix",
          `${formatPrefix(prefix)} overlaps ${formatPrefix(vlan.prefix)} of ${vlan.path}; the ring needs a prefix of its own`,
        );
    }
  }
  for (const [host, text] of sortedEntries(ring.members)) {
    const path = `usb4Ring.members.${host}`;
    draft.known("host", host, env.hosts, path);
    const address = draft.address(text, path);
    if (address === undefined) continue;
    if (prefix !== undefined && !contains(prefix, address))
      draft.error("address-outside-ring", path, `${text} is outside ${formatPrefix(prefix)}; choose one inside`);
    draft.claim(address, `${host} (ring)`, path);
  }
  const used = new Map<string, string>();
  const joined = new Map<string, Set<string>>();
  const join = (from: string, to: string): void => {
    joined.set(from, (joined.get(from) ?? new Set()).add(to));
  };
  let isSound = true;
  ring.cables.forEach((cable, i) => {
    const path = `usb4Ring.cables[${i}]`;
    const hosts = cable.map((end, j) => {
      const where = `${path}[${j}]`;
      const [host = "", port = ""] = end.split("/");
      if (!draft.known("host", host, env.hosts, where)) return undefined;
      if (!draft.known("usb4 port", port, env.hosts[host]?.usb4Ports ?? {}, where)) return undefined;
      const other = used.get(end);
      if (other !== undefined)
        draft.error("usb4-port-used-twice", where, `${end} already has the cable of ${other}; a port takes one`);
      used.set(end, path);
      checkPciPath(draft, host, port);
      if (ring.members[host] === undefined)
        draft.error(
          "ring-member-without-address",
          where,
          `${host} is cabled but has no address in usb4Ring.members; add one`,
        );
      return host;
    });
    const [a, b] = hosts;
    if (a === undefined || b === undefined || a === b) isSound = false;
    if (a === undefined || b === undefined) return;
    if (a === b) draft.error("cable-to-itself", path, `both ends are on ${a}; a cable joins two hosts`);
    if (joined.get(a)?.has(b))
      draft.error(
        "cable-twice",
        path,
        `${a} and ${b} are already joined; two cables between them do not add up, lead the second to another host`,
      );
    join(a, b);
    join(b, a);
  });
  // With a cable that leads nowhere the rest looks torn, too.
  if (isSound) checkRedundancy(draft, Object.keys(ring.members).sort(), joined);
}

/** Every member must stay reachable when one cable is pulled: in a ring each has two neighbours and all are connected. */
function checkRedundancy(
  draft: Draft,
  members: readonly string[],
  joined: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  if (members.length < 2) {
    draft.error("ring-too-small", "usb4Ring.members", "a ring needs at least two members; add one or remove the ring");
    return;
  }
  for (const member of members) {
    const neighbours = joined.get(member)?.size ?? 0;
    if (neighbours === 0)
      draft.error(
        "ring-member-not-cabled",
        `usb4Ring.members.${member}`,
        `${member} has no cable in usb4Ring.cables; add one, better two`,
      );
    else if (neighbours === 1 && members.length > 2)
      draft.warn(
        "ring-open",
        `usb4Ring.members.${member}`,
        `${member} has one cable: when it is pulled, ${member} is alone; close the ring with a second`,
      );
  }
  const reached = new Set<string>();
  const queue = [members[0] ?? ""];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    queue.push(...(joined.get(next) ?? []));
  }
  const apart = members.filter((member) => !reached.has(member) && (joined.get(member)?.size ?? 0) > 0);
  if (apart.length > 0)
    draft.error(
      "ring-not-connected",
      "usb4Ring.cables",
      `${apart.join(", ")} cannot be reached from ${members[0]}; join the rings by a cable`,
    );
}

function checkPciPath(draft: Draft, host: string, port: string): void {
  if (draft.env.platform !== "proxmox" || draft.env.hosts[host]?.usb4Ports[port]?.pciPath !== undefined) return;
  draft.error(
    "usb4-port-without-pci-path",
    `hosts.${host}.usb4Ports.${port}`,
    `${port} of ${host} has no pciPath, by which Proxmox VE names its interface; add it (ID_PATH of: udevadm info /sys/class/net/thunderbolt0)`,
  );
}

/** The ring as the Plan shows it. */
export function planRing(draft: Draft): RingPlan | undefined {
  const { env } = draft;
  const ring = env.usb4Ring;
  if (ring === undefined) return undefined;
  const ends = ringEnds(draft);
  const nodes = new Map(Object.entries(env.nodes).map(([name, node]) => [node.host, name]));
  const interfaceOf = (end: string): RingCablePlan["a"] => {
    const [host = "", port = ""] = end.split("/");
    const pciPath = env.hosts[host]?.usb4Ports[port]?.pciPath;
    return {
      host,
      port,
      interface: ends.get(host)?.find((other) => other.port === port)?.interface ?? "",
      ...(pciPath === undefined ? {} : { pciPath }),
    };
  };
  return {
    prefix: ring.prefix,
    mtu: ring.mtu,
    members: sortedEntries(ring.members).map(([host, address]) => {
      const node = env.platform === "metal" ? nodes.get(host) : undefined;
      return { host, address, ...(node === undefined ? {} : { node }) };
    }),
    cables: ring.cables.map(([a, b]): RingCablePlan => ({ a: interfaceOf(a), b: interfaceOf(b) })),
  };
}
