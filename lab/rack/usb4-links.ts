// USB4 between Proxmox VE hosts: an interface is there while its cable is plugged and both hosts have the driver; a link file names it.
// A fabric that is applied gives it the host's address, which a dummy interface holds as well whatever becomes of the cables, and finds the way.
import { operatingSystem } from "../host/operating-system.ts";
import { hosts } from "./hosts.ts";
import type { Links } from "./links.ts";
import type { Rack } from "./store.ts";
import { cables } from "./switches.ts";

/** Documents of what the SDN runs (lab/providers/proxmoxve/sdn.ts): fabric nodes by host. */
interface RunningNode {
  readonly fabricId: string;
  readonly nodeId: string;
  readonly interfaceNames: readonly string[];
  readonly ip?: string;
}

/** Whether a host's kernel speaks Thunderbolt networking. */
function hasThunderbolt(rack: Rack, host: string): boolean {
  return hosts(rack).get(host)?.powered === true && operatingSystem(rack, host).modules.includes("thunderbolt_net");
}

/** The port at the other end of a plugged cable. */
function otherEnd(rack: Rack, host: string, port: string): string | undefined {
  for (const { body } of cables(rack).list()) {
    if (!body.plugged) continue;
    for (const [near, far] of [body.ends, [...body.ends].reverse()]) {
      if (near?.at === "usb4" && near.host === host && near.port === port && far?.at === "usb4") return far.host;
    }
  }
  return undefined;
}

/** Name and MTU that a link file gives the port on a PCI path. */
function named(rack: Rack, host: string, pciPath: string): { name: string; mtu: number } | undefined {
  const files = rack.collection<{ content: string }>("host-file").list();
  for (const { id, body } of files) {
    if (!id.startsWith(`${host}:/etc/systemd/network/`) || !id.endsWith(".link")) continue;
    if (!body.content.includes(`Path=pci-${pciPath}\n`)) continue;
    const name = /^Name=(\S+)$/m.exec(body.content)?.[1];
    const mtu = Number(/^MTUBytes=(\d+)$/m.exec(body.content)?.[1] ?? 1500);
    if (name !== undefined) return { name, mtu };
  }
  return undefined;
}

function runningNodes(rack: Rack): RunningNode[] {
  const running = rack.collection<Record<string, { body: RunningNode }[]>>("pve sdn running").get("running");
  return (running?.["pve sdn fabric node"] ?? []).map(({ body }) => body);
}

/** A host's USB4 interfaces, and the host behind each. */
export function usb4Links(rack: Rack, host: string): { links: Links; peers: Record<string, string> } {
  const links: Links = {};
  const peers: Record<string, string> = {};
  if (!hasThunderbolt(rack, host)) return { links, peers };
  const fabric = runningNodes(rack).find(({ nodeId }) => nodeId === host);
  if (fabric?.ip !== undefined) {
    const name = `dummy_${fabric.fabricId}`;
    links[name] = { name, kind: "dummy", addresses: [`${fabric.ip}/32`], autostart: true };
  }
  for (const { name: port, pciPath } of hosts(rack).get(host)?.usb4Ports ?? []) {
    const peer = otherEnd(rack, host, port);
    if (peer === undefined || !hasThunderbolt(rack, peer)) continue;
    const { name, mtu } = named(rack, host, pciPath ?? "") ?? {
      name: `thunderbolt${Object.keys(peers).length}`,
      mtu: 1500,
    };
    const isInFabric = fabric?.interfaceNames.includes(name) === true;
    const addresses = isInFabric && fabric.ip !== undefined ? [`${fabric.ip}/32`] : [];
    links[name] = { name, kind: "usb4", mtu, addresses, autostart: true };
    peers[name] = peer;
  }
  return { links, peers };
}

/** The address that a host has in a fabric that runs, by which it is known to the others. */
export function fabricAddress(rack: Rack, host: string): string | undefined {
  return runningNodes(rack).find(({ nodeId }) => nodeId === host)?.ip;
}

/** The shortest way over a fabric that runs; undefined: there is none. */
export function fabricWay(rack: Rack, from: string, address: string): { hosts: string[]; mtu: number } | undefined {
  const nodes = runningNodes(rack);
  const target = nodes.find(({ ip }) => ip === address)?.nodeId;
  if (target === undefined || target === from || !nodes.some(({ nodeId }) => nodeId === from)) return undefined;
  const ways = new Map([[from, { hosts: [from], mtu: Number.POSITIVE_INFINITY }]]);
  for (const [host, way] of ways) {
    const { links, peers } = usb4Links(rack, host);
    const own = nodes.find(({ nodeId }) => nodeId === host);
    for (const [name, peer] of Object.entries(peers)) {
      const isRouted = own?.interfaceNames.includes(name) && nodes.some(({ nodeId }) => nodeId === peer);
      if (!isRouted || ways.has(peer)) continue;
      ways.set(peer, { hosts: [...way.hosts, peer], mtu: Math.min(way.mtu, links[name]?.mtu ?? 1500) });
    }
  }
  return ways.get(target);
}
