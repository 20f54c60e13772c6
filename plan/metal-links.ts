// Interfaces of a node that is the host itself: its NICs by permanent address, bonds, VLANs on them, and the USB4 ring.
import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";
import { checkInterfaceName, nicsUnder } from "./host-links.ts";
import { type SharedRoutes, vlanRoutes } from "./node-routes.ts";
import { nodeVlans } from "./node-vlans.ts";
import { compareText } from "./order.ts";
import type { NodeInterfacePlan } from "./plan.ts";
import { ringRoutes } from "./ring-routes.ts";

type Node = Environment["nodes"][string];

/** The interfaces of one node on the metal, parents before children. */
export function metalInterfaces(draft: Draft, shared: SharedRoutes, name: string, node: Node): NodeInterfacePlan[] {
  const host = draft.env.hosts[node.host];
  if (host === undefined) return [];
  const path = `nodes.${name}.links`;
  const vlans = nodeVlans(draft, node);
  const used = new Map<string, number>();
  for (const vlan of vlans) {
    const link = node.links[vlan];
    if (link === undefined) {
      draft.error(
        "node-vlan-without-link",
        path,
        `${name} has an address on VLAN ${vlan} but no link for it; add ${vlan}: <NIC or bond of ${node.host}>`,
      );
      continue;
    }
    if (!draft.known("link", link, [host.bonds, host.nics], `${path}.${vlan}`)) continue;
    used.set(link, Math.max(used.get(link) ?? 0, draft.vlans.get(vlan)?.mtu ?? 1500));
  }
  const links = [...used].sort(([a], [b]) => compareText(a, b));
  const ethernet = links.flatMap(([link, mtu]) =>
    nicsUnder(host, link).map((nic): NodeInterfacePlan => {
      const mac = host.nics[nic]?.mac;
      if (mac === undefined)
        draft.error(
          "nic-without-mac",
          `hosts.${node.host}.nics.${nic}`,
          `${nic} of ${node.host} has no mac; on the metal Talos finds a NIC by its permanent address, names may change`,
        );
      return {
        kind: "ethernet",
        name: nic,
        mtu,
        addresses: [],
        routes: [],
        ...(mac === undefined ? {} : { mac: mac.toLowerCase() }),
      };
    }),
  );
  const idle = idleNics(host, new Set(ethernet.map((link) => link.name)));
  const bonds = links.flatMap(([link, mtu]) => bondInterface(host, link, mtu));
  const tagged = vlans.flatMap((vlanName): NodeInterfacePlan[] => {
    const vlan = draft.vlans.get(vlanName);
    const link = node.links[vlanName];
    if (vlan === undefined || link === undefined) return [];
    checkInterfaceName(draft, `${link}.${vlan.id}`, `${path}.${vlanName}`);
    return [
      {
        kind: "vlan",
        name: `${link}.${vlan.id}`,
        parent: link,
        vlanId: vlan.id,
        mtu: vlan.mtu,
        addresses: [`${node.addresses[vlanName]}/${vlan.prefix.length}`],
        routes: vlanRoutes(draft, shared, node, vlanName),
      },
    ];
  });
  return [...ethernet, ...idle, ...bonds, ...tagged, ...ringInterfaces(draft, shared, node.host)];
}

/**
 * The NICs that nothing is on. Talos would ask each of them for a lease, and take the default route that comes with it. One whose port the
 * management controller shares is kept up, and has no address.
 */
function idleNics(host: Environment["hosts"][string], used: ReadonlySet<string>): NodeInterfacePlan[] {
  const names = Object.keys(host.nics).filter((nic) => !used.has(nic));
  return names.sort(compareText).map((name): NodeInterfacePlan => {
    const mac = host.nics[name]?.mac?.toLowerCase();
    return {
      ...{ kind: "ethernet", name, mtu: 1500, addresses: [], routes: [] },
      ...(mac === undefined ? {} : { mac }),
      ...(host.outOfBand?.sharedNic === name ? {} : { isIdle: true }),
    };
  });
}

function bondInterface(host: Environment["hosts"][string], link: string, mtu: number): NodeInterfacePlan[] {
  const bond = host.bonds[link];
  if (bond === undefined) return [];
  return [
    {
      kind: "bond",
      name: link,
      mtu: bond.mtu ?? mtu,
      members: [...bond.members].sort(compareText),
      mode: bond.mode,
      xmitHashPolicy: bond.xmitHashPolicy,
      lacpRate: bond.lacpRate,
      addresses: [],
      routes: [],
    },
  ];
}

/** Both ends of the ring on one host, and the address that stays reachable when a cable is pulled. */
function ringInterfaces(draft: Draft, shared: SharedRoutes, hostName: string): NodeInterfacePlan[] {
  const ring = draft.env.usb4Ring;
  const own = ring?.members[hostName];
  if (ring === undefined || own === undefined) return [];
  const links = (shared.ring.get(hostName) ?? []).map(
    (end): NodeInterfacePlan => ({
      kind: "usb4",
      name: end.interface,
      busPath: end.busPath,
      mtu: ring.mtu,
      addresses: [],
      routes: ringRoutes(draft, shared.ring, hostName, end.peer),
    }),
  );
  return [...links, { kind: "dummy", name: "ring0", mtu: ring.mtu, addresses: [`${own}/32`], routes: [] }];
}
