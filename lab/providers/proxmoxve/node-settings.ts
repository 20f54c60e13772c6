// Settings of one host: DNS, time zone, /etc/hosts, notes, firewall options, package repositories.
import { type Context, resource, type Some } from "../../plugin/contract.ts";
import { type ProxmoxHost, proxmoxHosts } from "../../rack/hosts.ts";
import { entriesIn, SOURCES, standardRepositories } from "../../rack/package-sources.ts";
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

const repositoryId = (node: string, handle: string): string =>
  `apt_standard_repository_${node}_${handle.replaceAll("-", "_")}`;

function requireRepository(handle: string): void {
  if (handle in standardRepositories) return;
  throw parameterError({
    handle: `value '${handle}' does not have a value in the enumeration '${Object.keys(standardRepositories).join(", ")}'`,
  });
}

/** What the API says of a repository; undefined when no file of the host has it. */
function repositoryState(host: ProxmoxHost, node: string, handle: string): RepositoryState | undefined {
  const known = standardRepositories[handle];
  if (known === undefined) return undefined;
  const index = entriesIn(host, known.file).findIndex((entry) => entry.handle === handle);
  if (index < 0) return undefined;
  return {
    ...{ node, handle, index, name: known.name, description: `${known.name} repository.` },
    filePath: `${SOURCES}/${known.file}`,
    status: entriesIn(host, known.file)[index]?.isEnabled ? 1 : 0,
  };
}

/** Settings of a host, by token. */
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
      requireRepository(handle);
      nodeApi(context, node);
      // A repository that is there but switched off is switched on.
      proxmoxHosts(context.rack).edit(node, (host) => {
        const at = host.repositories.findIndex((entry) => entry.handle === handle);
        host.repositories.splice(at < 0 ? host.repositories.length : at, at < 0 ? 0 : 1, { handle, isEnabled: true });
      });
      return { id: repositoryId(node, handle), outputs: repositoryState(nodeApi(context, node), node, handle) ?? {} };
    },
    read(context, id, state) {
      const [node = "", handle = ""] =
        state.node !== undefined && state.handle !== undefined
          ? [state.node, state.handle]
          : splitId(id, ",", 2, "PROXMOX_VE_NODE_NAME,STANDARD_REPOSITORY_HANDLE");
      const outputs = repositoryState(nodeApi(context, node), node, handle);
      return outputs && { id: repositoryId(node, handle), outputs };
    },
    // The API cannot remove a standard repository, so the official plug-in leaves it too.
    delete() {},
  }),
};

/** Error of an unknown guest, shared with the firewall. */
export function unknownGuest(vmid: number): Error {
  return apiError(500, `Configuration file 'qemu-server/${vmid}.conf' does not exist`);
}
