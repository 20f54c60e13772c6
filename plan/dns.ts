// Names: every host, node, service and the API has one; each must lead to something that lives.
import type { Draft } from "./draft.ts";
import { formatAddress } from "./ipv4.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { ClusterPlan, DnsPlan, DnsRecordPlan, HostPlan, LoadBalancerPlan, NodePlan } from "./plan.ts";

/** Checks servers, zone and the records that were written by hand. */
export function readDns(draft: Draft): void {
  const { env } = draft;
  if (env.dns.zone.endsWith(".local")) {
    draft.note(
      "zone-is-mdns",
      "dns.zone",
      `${env.dns.zone} ends in .local, which is multicast DNS (RFC 6762): some systems never ask a server for it; home.arpa (RFC 8375) is free of that`,
    );
  }
  const local: string[] = [];
  const foreign: string[] = [];
  env.dns.servers.forEach((text, i) => {
    const path = `dns.servers[${i}]`;
    const address = draft.address(text, path);
    if (address === undefined) return;
    const vlan = draft.vlanOf(address);
    if (vlan === undefined) foreign.push(text);
    else {
      local.push(text);
      // Where the gateway could not be read (reported there) this may well be it.
      const isComplete = vlan.isRouted === (vlan.gateway !== undefined);
      if (isComplete && draft.ownerOf(address) === undefined)
        draft.error(
          "dns-server-nobody",
          path,
          `${text} lies on VLAN ${vlan.name} but nobody has that address; correct it or add the device`,
        );
    }
  });
  if (local.length > 0 && foreign.length > 0) {
    draft.warn(
      "dns-servers-mixed",
      "dns.servers",
      `${foreign.join(", ")} cannot know ${env.dns.zone}: a resolver that asks any of them gets "no such name" for local names; list local servers only`,
    );
  }
  if (env.dns.servers.length > 3)
    draft.error(
      "dns-servers-too-many",
      "dns.servers",
      `there are ${env.dns.servers.length} servers and the C library reads three; remove the rest, nobody would ask them`,
    );
  for (const [name, text] of sortedEntries(env.dns.records)) {
    const path = `dns.records.${name}`;
    const address = draft.address(text, path);
    if (address !== undefined && draft.ownerOf(address) === undefined) {
      draft.error(
        "dns-record-nobody",
        path,
        `${name}.${env.dns.zone} leads to ${formatAddress(address)}, which nobody has; correct it or remove the record`,
      );
    }
  }
}

/** All records, by name; two things with one name are an error. */
export function planDns(
  draft: Draft,
  hosts: readonly HostPlan[],
  nodes: readonly NodePlan[],
  services: LoadBalancerPlan["services"],
  cluster: ClusterPlan,
): DnsPlan {
  const { env } = draft;
  const record = (name: string, address: string, kind: DnsRecordPlan["kind"]): DnsRecordPlan => ({
    name,
    fqdn: `${name}.${env.dns.zone}`,
    address,
    kind,
  });
  const found: [DnsRecordPlan, string][] = [
    ...hosts
      .filter((host) => host.managementAddress !== "")
      .map((host): [DnsRecordPlan, string] => [
        record(host.name, host.managementAddress, "host"),
        `hosts.${host.name}`,
      ]),
    ...nodes.map((node): [DnsRecordPlan, string] => [
      record(node.name, node.managementAddress, "node"),
      `nodes.${node.name}`,
    ]),
    ...services.map((service): [DnsRecordPlan, string] => [
      record(service.fqdn.slice(0, -env.dns.zone.length - 1), service.address, "service"),
      `loadBalancer.services.${service.name}`,
    ]),
    [record("k8s-api", cluster.endpointAddress, "api"), "cluster.endpoint"],
    ...hosts.flatMap((host): [DnsRecordPlan, string][] =>
      host.outOfBand === undefined
        ? []
        : [[record(host.outOfBand.name, host.outOfBand.address, "device"), `hosts.${host.name}.outOfBand`]],
    ),
    ...sortedEntries(env.dns.records).map(([name, address]): [DnsRecordPlan, string] => [
      record(name, address, "device"),
      `dns.records.${name}`,
    ]),
  ];
  const byName = new Map<string, [DnsRecordPlan, string]>();
  for (const [entry, path] of found) {
    const other = byName.get(entry.name);
    if (other === undefined) byName.set(entry.name, [entry, path]);
    else if (other[0].address !== entry.address) {
      draft.error(
        "name-twice",
        path,
        `${entry.fqdn} would lead to ${entry.address} and, by ${other[1]}, to ${other[0].address}; rename one of them`,
      );
    }
  }
  return {
    zone: env.dns.zone,
    servers: env.dns.servers,
    records: [...byName.values()].map(([entry]) => entry).sort((a, b) => compareText(a.name, b.name)),
  };
}
