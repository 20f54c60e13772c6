// Options of the firewall: on or off, and what happens to packets that no rule names.
import { clusterApi, nodeApi } from "../providers/proxmoxve/api.ts";
import { documents } from "../providers/proxmoxve/documents.ts";
import { firewallResources } from "../providers/proxmoxve/firewall.ts";
import { nodeSettingResources } from "../providers/proxmoxve/node-settings.ts";
import { FIREWALL_KINDS } from "../rack/host-firewall.ts";
import { proxmoxHosts } from "../rack/hosts.ts";
import { type Call, type Endpoint, isTrue, propertyString, renderProperties, toDelete } from "./endpoint.ts";
import { scopeKey, scopeOf } from "./firewall-scope.ts";
import { pluginResource } from "./plugin-resource.ts";

/** How an option is called by the plug-in, and what it is. */
type Names = Readonly<Record<string, readonly [name: string, kind: "bit" | "text" | "number"]>>;

const CLUSTER: Names = {
  ebtables: ["ebtables", "bit"],
  enable: ["enabled", "bit"],
  policy_forward: ["forwardPolicy", "text"],
  policy_in: ["inputPolicy", "text"],
  policy_out: ["outputPolicy", "text"],
};

const GUEST: Names = {
  dhcp: ["dhcp", "bit"],
  enable: ["enabled", "bit"],
  ipfilter: ["ipfilter", "bit"],
  log_level_in: ["logLevelIn", "text"],
  log_level_out: ["logLevelOut", "text"],
  macfilter: ["macfilter", "bit"],
  ndp: ["ndp", "bit"],
  policy_in: ["inputPolicy", "text"],
  policy_out: ["outputPolicy", "text"],
  radv: ["radv", "bit"],
};

const NODE: Names = {
  enable: ["enabled", "bit"],
  log_level_forward: ["logLevelForward", "text"],
  log_level_in: ["logLevelIn", "text"],
  log_level_out: ["logLevelOut", "text"],
  log_nf_conntrack: ["logNfConntrack", "bit"],
  ndp: ["ndp", "bit"],
  nf_conntrack_allow_invalid: ["nfConntrackAllowInvalid", "bit"],
  nf_conntrack_max: ["nfConntrackMax", "number"],
  nf_conntrack_tcp_timeout_established: ["nfConntrackTcpTimeoutEstablished", "number"],
  nftables: ["nftables", "bit"],
  nosmurfs: ["nosmurfs", "bit"],
  smurf_log_level: ["smurfLogLevel", "text"],
  tcp_flags_log_level: ["tcpFlagsLogLevel", "text"],
};

type Options = Record<string, unknown>;

function changed(call: Call, names: Names, before: Options): Options {
  const after = { ...before };
  for (const option of toDelete(call.parameters)) delete after[names[option]?.[0] ?? option];
  for (const [option, [name, kind]] of Object.entries(names)) {
    const text = call.parameters[option];
    if (text !== undefined) after[name] = kind === "bit" ? isTrue(text) : kind === "number" ? Number(text) : text;
  }
  return after;
}

function shown(names: Names, options: Options): Options {
  const entries = Object.entries(names).flatMap(([option, [name]]) => {
    const value = options[name];
    return value === undefined ? [] : [[option, typeof value === "boolean" ? Number(value) : value]];
  });
  return Object.fromEntries(entries);
}

const clusterOptions = pluginResource(firewallResources["proxmoxve:cluster/firewallLegacy:FirewallLegacy"]);
const guestOptions = pluginResource(firewallResources["proxmoxve:firewall/optionsLegacy:OptionsLegacy"]);
const nodeOptions = pluginResource(nodeSettingResources["proxmoxve:node/firewall:Firewall"]);

const clusterNow = (call: Call): Options =>
  documents<Options>(call.context.rack, FIREWALL_KINDS.cluster).get("cluster-firewall") ?? {};

/** The rate limit is one text here, and a block to the plug-in. */
interface RateLimit {
  readonly enabled: boolean;
  readonly burst?: number;
  readonly rate?: string;
}

function rateLimit(text: string): RateLimit {
  const { enable, burst, rate } = propertyString(text, "enable");
  return { enabled: isTrue(enable), ...(burst && { burst: Number(burst) }), ...(rate && { rate }) };
}

function setCluster(call: Call): null {
  const { log_ratelimit: limit } = call.parameters;
  const after = changed(call, CLUSTER, clusterNow(call));
  if (limit !== undefined) after["logRatelimit"] = rateLimit(limit);
  if (toDelete(call.parameters).includes("log_ratelimit")) delete after["logRatelimit"];
  if (Object.keys(after).length === 0) {
    clusterApi(call.context, "write");
    documents(call.context.rack, FIREWALL_KINDS.cluster).delete("cluster-firewall");
    return null;
  }
  clusterOptions.update(call.context, "cluster-firewall", after, after);
  return null;
}

function showCluster(call: Call): Options {
  clusterApi(call.context, "read");
  const options = clusterNow(call);
  const limit = options["logRatelimit"] as RateLimit | undefined;
  const text = limit && { enable: limit.enabled ? "1" : "0", burst: limit.burst?.toString(), rate: limit.rate };
  return { ...shown(CLUSTER, options), ...(text && { log_ratelimit: renderProperties(text) }) };
}

const guestNow = (call: Call): Options =>
  documents<Options>(call.context.rack, FIREWALL_KINDS.options).get(scopeKey(scopeOf(call))) ?? {};

export const firewallOptionEndpoints: readonly Endpoint[] = [
  { method: "GET", path: "/cluster/firewall/options", answer: showCluster },
  {
    method: "PUT",
    path: "/cluster/firewall/options",
    accepts: [...Object.keys(CLUSTER), "delete", "digest", "log_ratelimit"],
    answer: setCluster,
  },
  { method: "GET", path: "/nodes/{node}/qemu/{vmid}/firewall/options", answer: (call) => shown(GUEST, guestNow(call)) },
  {
    method: "PUT",
    path: "/nodes/{node}/qemu/{vmid}/firewall/options",
    accepts: [...Object.keys(GUEST), "delete", "digest"],
    answer: (call) => {
      const scope = scopeOf(call);
      const after = { ...changed(call, GUEST, guestNow(call)), ...scope };
      guestOptions.update(call.context, scopeKey(scope), after, after);
      return null;
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/firewall/options",
    answer: (call) => shown(NODE, nodeApi(call.context, call.path["node"] ?? "").firewall ?? {}),
  },
  {
    method: "PUT",
    path: "/nodes/{node}/firewall/options",
    accepts: [...Object.keys(NODE), "delete", "digest"],
    answer: (call) => {
      const node = call.path["node"] ?? "";
      const after = changed(call, NODE, nodeApi(call.context, node).firewall ?? {});
      if (Object.keys(after).length === 0)
        proxmoxHosts(call.context.rack).edit(node, (host) => {
          delete host.firewall;
        });
      else nodeOptions.update(call.context, node, { ...after, nodeName: node }, {});
      return null;
    },
  },
];
