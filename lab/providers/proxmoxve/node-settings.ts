// Settings of one host: DNS, time zone, /etc/hosts, notes, firewall options, package repositories.
import { type Context, resource, type Some } from "../../plugin/contract.ts";
import { type ProxmoxHost, proxmoxHosts } from "../../rack/hosts.ts";
import { apiError, nodeApi, parameterError, splitId } from "./api.ts";

interface OfNode {
  nodeName: string;
}
interface Dns extends OfNode {
  domain: string;
  servers?: string[];
}
interface Time extends OfNode {
  timeZone: string;
}
interface HostsEntry {
  address: string;
  hostnames: string[];
}
interface HostsFile extends OfNode {
  entry: HostsEntry[];
}
interface Notes extends OfNode {
  description?: string;
}
type Firewall = OfNode & Record<string, unknown>;

/** A setting that every host has: creating it is changing it, and deleting it leaves it as it is. */
interface Setting<I extends OfNode> {
  /** Id from the host's name. */
  readonly id: (node: string) => string;
  /** The host's name from an id as a user may import it. */
  readonly node: (id: string) => string;
  readonly apply: (host: ProxmoxHost, inputs: I) => void;
  readonly show: (host: ProxmoxHost) => Some<I>;
  readonly forget?: (host: ProxmoxHost) => void;
}

function settingResource<I extends OfNode>(setting: Setting<I>) {
  const change = (context: Context, node: string, edit: (host: ProxmoxHost) => void) => {
    nodeApi(context, node);
    proxmoxHosts(context.rack).edit(node, edit);
  };
  const live = (context: Context, node: string) =>
    ({ ...setting.show(nodeApi(context, node)), nodeName: node }) as Some<I>;
  return resource<I>({
    latencyMs: { create: 500, update: 500, read: 100, delete: 100 },
    create(context, inputs) {
      change(context, inputs.nodeName, (host) => setting.apply(host, inputs));
      return { id: setting.id(inputs.nodeName), outputs: live(context, inputs.nodeName) };
    },
    read(context, id, state) {
      const node = state.nodeName ?? setting.node(id);
      return { id: setting.id(node), outputs: live(context, node) };
    },
    update(context, _, inputs) {
      change(context, inputs.nodeName, (host) => setting.apply(host, inputs));
      return live(context, inputs.nodeName);
    },
    delete(context, _, { nodeName }) {
      const { forget } = setting;
      if (forget && proxmoxHosts(context.rack).get(nodeName)) change(context, nodeName, forget);
    },
  });
}

/** Zones as `timedatectl` knows them; the runtime has the same list. */
export function requireTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw parameterError({ timezone: `no such timezone '${timeZone}'` });
  }
}

const suffixed = (suffix: string) => ({
  id: (node: string) => `${node}_${suffix}`,
  node: (id: string) => id.replace(new RegExp(`_${suffix}$`), ""),
});

/** Repositories that Proxmox VE knows by a handle, and the files that they are in. */
export const standardRepositories: Record<string, { name: string; file: string; index: number }> = {
  enterprise: { name: "Enterprise", file: "pve-enterprise.sources", index: 0 },
  "no-subscription": { name: "No-Subscription", file: "proxmox.sources", index: 0 },
  test: { name: "Test", file: "proxmox.sources", index: 1 },
  "ceph-squid-enterprise": { name: "Ceph Squid Enterprise", file: "ceph.sources", index: 0 },
  "ceph-squid-no-subscription": { name: "Ceph Squid No-Subscription", file: "ceph.sources", index: 0 },
  "ceph-squid-test": { name: "Ceph Squid Test", file: "ceph.sources", index: 0 },
  "ceph-tentacle-enterprise": { name: "Ceph Tentacle Enterprise", file: "ceph.sources", index: 0 },
  "ceph-tentacle-no-subscription": { name: "Ceph Tentacle No-Subscription", file: "ceph.sources", index: 0 },
  "ceph-tentacle-test": { name: "Ceph Tentacle Test", file: "ceph.sources", index: 0 },
};

interface Repository {
  node: string;
  handle: string;
}
interface RepositoryState extends Repository {
  name: string;
  description: string;
  filePath: string;
  index: number;
  status: number;
}

function repositoryState(node: string, handle: string): RepositoryState {
  const known = standardRepositories[handle];
  if (!known)
    throw parameterError({
      handle: `value '${handle}' does not have a value in the enumeration '${Object.keys(standardRepositories).join(", ")}'`,
    });
  return {
    node,
    handle,
    name: known.name,
    description: `${known.name} repository.`,
    filePath: `/etc/apt/sources.list.d/${known.file}`,
    index: known.index,
    status: 1,
  };
}

export const nodeSettingResources = {
  "proxmoxve:index/dnsLegacy:DnsLegacy": settingResource<Dns>({
    ...suffixed("dns"),
    apply: (host, { domain, servers }) => {
      if ((servers ?? []).length > 3)
        throw parameterError({
          dns4: "property is not defined in schema and the schema does not allow additional properties (three servers at most)",
        });
      host.dns = { domain, servers: servers ?? [] };
    },
    show: ({ dns }) => ({ domain: dns.domain, servers: dns.servers.length > 0 ? dns.servers : undefined }),
  }),
  "proxmoxve:index/timeLegacy:TimeLegacy": settingResource<Time>({
    ...suffixed("time"),
    apply: (host, { timeZone }) => {
      requireTimeZone(timeZone);
      host.timeZone = timeZone;
    },
    // The clock's own outputs are left out: they would differ with every read.
    show: ({ timeZone }) => ({ timeZone, localTime: "", utcTime: "" }),
  }),
  "proxmoxve:index/hostsLegacy:HostsLegacy": settingResource<HostsFile>({
    ...suffixed("hosts"),
    apply: (host, { entry }) => {
      host.hostsFile = entry;
    },
    show: ({ hostsFile }) => ({
      entry: hostsFile,
      addresses: hostsFile.map(({ address }) => address),
      hostnames: hostsFile.map(({ hostnames }) => hostnames),
      entries: hostsFile,
      digest: String(JSON.stringify(hostsFile).length),
    }),
  }),
  "proxmoxve:node/config:Config": settingResource<Notes>({
    id: (node) => node,
    node: (id) => id,
    apply: (host, { description }) => {
      if (description === undefined) delete host.description;
      else host.description = description;
    },
    show: ({ description }) => ({ description }),
    forget: (host) => {
      delete host.description;
    },
  }),
  "proxmoxve:node/firewall:Firewall": settingResource<Firewall>({
    id: (node) => node,
    node: (id) => id,
    apply: (host, { nodeName: _, ...options }) => {
      host.firewall = options;
    },
    show: ({ firewall }) => ({ ...firewall }) as Some<Firewall>,
    forget: (host) => {
      delete host.firewall;
    },
  }),
  "proxmoxve:apt/standard/repository:Repository": resource<Repository, RepositoryState>({
    latencyMs: { create: 2_000, read: 100 },
    create(context, { node, handle }) {
      const state = repositoryState(node, handle);
      nodeApi(context, node);
      proxmoxHosts(context.rack).edit(node, (host) => {
        if (!host.repositories.includes(handle)) host.repositories.push(handle);
      });
      return { id: `apt_standard_repository_${node}_${handle.replaceAll("-", "_")}`, outputs: state };
    },
    read(context, id, state) {
      const [node = "", handle = ""] =
        state.node !== undefined && state.handle !== undefined
          ? [state.node, state.handle]
          : splitId(id, ",", 2, "PROXMOX_VE_NODE_NAME,STANDARD_REPOSITORY_HANDLE");
      const isThere = nodeApi(context, node).repositories.includes(handle);
      return isThere
        ? {
            id: `apt_standard_repository_${node}_${handle.replaceAll("-", "_")}`,
            outputs: repositoryState(node, handle),
          }
        : undefined;
    },
    // The API cannot remove a standard repository, so the official plug-in leaves it too.
    delete() {},
  }),
};

/** Error of an unknown guest, shared with the firewall. */
export function unknownGuest(vmid: number): Error {
  return apiError(500, `Configuration file 'qemu-server/${vmid}.conf' does not exist`);
}
