// Software-defined network: zones, vnets, subnets and fabrics are written first, and live only when they are applied.

import { contains, parseAddress, parsePrefix } from "../../../plan/ipv4.ts";
import { hasPackage } from "../../host/operating-system.ts";
import { resource } from "../../plugin/contract.ts";
import { hosts } from "../../rack/hosts.ts";
import { linksOf } from "../../rack/links.ts";
import { liveLinks } from "../../rack/live-links.ts";
import type { Rack } from "../../rack/store.ts";
import { vms } from "../../rack/vms.ts";
import { apiError, clusterApi, parameterError } from "./api.ts";
import { documentResource, documents } from "./documents.ts";

interface Zone {
  resourceId: string;
  bridge: string;
  nodes?: string[];
  mtu?: number;
}
interface Vnet {
  resourceId: string;
  zone: string;
  tag?: number;
}
interface Subnet {
  vnet: string;
  cidr: string;
  gateway?: string;
}
interface Fabric {
  resourceId: string;
  ipPrefix?: string;
  ip6Prefix?: string;
}
interface FabricNode {
  fabricId: string;
  nodeId: string;
  interfaceNames: string[];
  ip?: string;
}

const ZONES = "pve sdn zone";
const VNETS = "pve sdn vnet";
const SUBNETS = "pve sdn subnet";
const FABRICS = "pve sdn fabric";
const FABRIC_NODES = "pve sdn fabric node";

/** What is applied; anything else that is written is pending. */
const RUNNING = "pve sdn running";

function written(rack: Rack): Record<string, unknown> {
  return Object.fromEntries(
    [ZONES, VNETS, SUBNETS, FABRICS, FABRIC_NODES].map((kind) => [kind, documents(rack, kind).list()]),
  );
}

/** Whether something is written that is not live yet. */
function sdnIsPending(rack: Rack): boolean {
  return JSON.stringify(documents(rack, RUNNING).get("running") ?? {}) !== JSON.stringify(written(rack));
}

function apply(rack: Rack): void {
  for (const { body } of documents<Zone>(rack, ZONES).list()) {
    const nodes = body.nodes?.length
      ? body.nodes
      : hosts(rack)
          .list()
          .map(({ id }) => id);
    const missing = nodes.find((node) => linksOf(rack, node)[body.bridge]?.kind !== "bridge");
    if (missing) throw apiError(500, `zone ${body.resourceId}: bridge '${body.bridge}' does not exist on ${missing}`);
  }
  for (const { body } of documents<FabricNode>(rack, FABRIC_NODES).list()) {
    const missing = body.interfaceNames.find((name) => !liveLinks(rack, body.nodeId)[name]);
    if (!hasPackage(rack, body.nodeId, "frr-pythontools"))
      throw apiError(500, `please install the frr-pythontools package on ${body.nodeId}!`);
    if (missing) throw apiError(500, `fabric ${body.fabricId}: ${body.nodeId} has no interface '${missing}'`);
  }
  documents(rack, RUNNING).put("running", written(rack));
}

const shortId = ({ resourceId }: { resourceId?: string }) =>
  typeof resourceId === "string" && !/^[A-Za-z][A-Za-z0-9]{0,7}$/.test(resourceId)
    ? [
        {
          property: "resourceId",
          reason: `invalid SDN id "${resourceId}": a letter and at most seven letters or digits`,
        },
      ]
    : [];

/** Software-defined networks, by token. */
export const sdnResources = {
  "proxmoxve:sdn/zone/vlan:Vlan": documentResource<Zone>({
    kind: ZONES,
    key: ({ resourceId }) => resourceId,
    exists: ({ resourceId }) => `sdn zone object ID '${resourceId}' already defined`,
    check: shortId,
    requireUnused(rack, key) {
      const user = documents<Vnet>(rack, VNETS)
        .list()
        .find(({ body }) => body.zone === key);
      if (user) throw apiError(500, `zone '${key}' is used by vnet '${user.id}'`);
    },
    outputs: (rack, { mtu, nodes }) => ({
      pending: sdnIsPending(rack),
      state: sdnIsPending(rack) ? "new" : "available",
      mtu: mtu ?? 0,
      nodes: nodes ?? [],
    }),
  }),
  "proxmoxve:sdn/vnet:Vnet": documentResource<Vnet>({
    kind: VNETS,
    key: ({ resourceId }) => resourceId,
    exists: ({ resourceId }) => `sdn vnet object ID '${resourceId}' already defined`,
    check: shortId,
    require({ rack }, { zone, tag, resourceId }) {
      if (!documents(rack, ZONES).get(zone)) throw apiError(500, `sdn zone '${zone}' does not exist`);
      if (tag === undefined) throw apiError(500, "missing vlan tag");
      if (tag < 1 || tag > 4094) throw apiError(500, `vlan tag ${tag} is out of range`);
      const twin = documents<Vnet>(rack, VNETS)
        .list()
        .find(({ id, body }) => id !== resourceId && body.zone === zone && body.tag === tag);
      if (twin) throw apiError(500, `tag ${tag} already exist in zone ${zone} (vnet ${twin.id})`);
    },
    requireUnused(rack, key) {
      const subnet = documents<Subnet>(rack, SUBNETS)
        .list()
        .find(({ body }) => body.vnet === key);
      if (subnet) throw apiError(500, `Can't delete vnet if subnets exists (${subnet.id})`);
      const vm = vms(rack)
        .list()
        .find(({ body }) => body.nics.some((nic) => nic.bridge === key));
      if (vm) throw apiError(500, `vnet '${key}' is used by VM ${vm.id}`);
    },
  }),
  "proxmoxve:sdn/subnet:Subnet": documentResource<Subnet>({
    kind: SUBNETS,
    key: ({ vnet, cidr }) => `${vnet}/${cidr}`,
    exists: ({ cidr }) => `sdn subnet object ID '${cidr}' already defined`,
    require({ rack }, { vnet, cidr, gateway }) {
      if (!documents(rack, VNETS).get(vnet)) throw apiError(500, `vnet '${vnet}' doesn't exist`);
      const prefix = parsePrefix(cidr);
      if (!prefix.ok) throw parameterError({ subnet: prefix.reason });
      const address = gateway === undefined ? undefined : parseAddress(gateway);
      if (address?.ok && !contains(prefix.value, address.value))
        throw apiError(500, `Gateway ${gateway} is not in subnet ${cidr}`);
    },
  }),
  "proxmoxve:sdn/fabric/openfabric:Openfabric": documentResource<Fabric>({
    kind: FABRICS,
    key: ({ resourceId }) => resourceId,
    exists: ({ resourceId }) => `fabric '${resourceId}' already exists`,
    check: shortId,
    require(_, { ipPrefix, ip6Prefix }) {
      if (ipPrefix === undefined && ip6Prefix === undefined)
        throw parameterError({ ip_prefix: "an IPv4 or IPv6 prefix is needed" });
    },
    requireUnused(rack, key) {
      const node = documents<FabricNode>(rack, FABRIC_NODES)
        .list()
        .find(({ body }) => body.fabricId === key);
      if (node) throw apiError(500, `fabric '${key}' still has nodes (${node.body.nodeId})`);
    },
  }),
  "proxmoxve:sdn/fabric/node/openfabric:Openfabric": documentResource<FabricNode>({
    kind: FABRIC_NODES,
    key: ({ fabricId, nodeId }) => `${fabricId}/${nodeId}`,
    exists: ({ fabricId, nodeId }) => `node '${nodeId}' already exists in fabric '${fabricId}'`,
    require({ rack }, { fabricId, nodeId, ip }) {
      const fabric = documents<Fabric>(rack, FABRICS).get(fabricId);
      if (!fabric) throw apiError(500, `fabric '${fabricId}' does not exist`);
      if (!hosts(rack).get(nodeId)) throw apiError(500, `no such node '${nodeId}'`);
      const prefix = fabric.ipPrefix === undefined ? undefined : parsePrefix(fabric.ipPrefix);
      const address = ip === undefined ? undefined : parseAddress(ip);
      if (prefix?.ok && address?.ok && !contains(prefix.value, address.value))
        throw apiError(500, `Node IP ${ip} is not contained in the IP prefix ${fabric.ipPrefix} of fabric ${fabricId}`);
    },
  }),
  "proxmoxve:sdn/applier:Applier": resource<{ onCreate?: boolean; onDestroy?: boolean }>({
    latencyMs: { create: 5_000, delete: 5_000 },
    create(context, { onCreate, onDestroy }) {
      clusterApi(context, "write");
      if (onCreate ?? true) apply(context.rack);
      return { id: String(Date.now()), outputs: { onCreate: onCreate ?? true, onDestroy: onDestroy ?? true } };
    },
    read: (_, __, state) => ({ outputs: state }),
    delete(context, _, { onDestroy }) {
      clusterApi(context, "write");
      if (onDestroy ?? true) apply(context.rack);
    },
  }),
};
