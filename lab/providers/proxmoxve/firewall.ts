// The Proxmox firewall: rules, groups, address sets and aliases of the cluster, of hosts and of guests.

import { parseAddress } from "../../../plan/ipv4.ts";
import type { CheckFailure, Context } from "../../plugin/contract.ts";
import { FIREWALL_KINDS } from "../../rack/host-firewall.ts";
import { vms } from "../../rack/vms.ts";
import { apiError, clusterApi, nodeApi, parameterError } from "./api.ts";
import { documentResource, documents } from "./documents.ts";
import { unknownGuest } from "./node-settings.ts";

/** Whose firewall it is: the cluster's without a host, a guest's with an id. */
interface Scope {
  nodeName?: string;
  vmId?: number;
  containerId?: number;
}
interface Rule {
  type?: string;
  action?: string;
  securityGroup?: string;
  source?: string;
  dest?: string;
  proto?: string;
  dport?: string;
  sport?: string;
  macro?: string;
}
interface Rules extends Scope {
  rules?: Rule[];
}
interface Group extends Scope {
  name: string;
  comment?: string;
  rules?: Rule[];
}
interface IpSet extends Scope {
  name: string;
  cidrs?: { name: string; nomatch?: boolean }[];
}
interface Alias extends Scope {
  name: string;
  cidr: string;
}

const {
  cluster: CLUSTER,
  options: OPTIONS,
  rules: RULES,
  groups: GROUPS,
  ipsets: IPSETS,
  aliases: ALIASES,
} = FIREWALL_KINDS;

/** `cluster`, `node/<n>`, `vm/<n>/<id>`: the ids that rules are imported by. */
function scopeOf({ nodeName, vmId, containerId }: Scope): string {
  if (nodeName === undefined) return "cluster";
  if (vmId !== undefined) return `vm/${nodeName}/${vmId}`;
  return containerId === undefined ? `node/${nodeName}` : `container/${nodeName}/${containerId}`;
}

function requireScope(context: Context, { nodeName, vmId }: Scope): void {
  if (nodeName === undefined) return;
  nodeApi(context, nodeName);
  if (vmId === undefined) return;
  const vm = vms(context.rack).get(String(vmId));
  if (vm?.host !== nodeName) throw unknownGuest(vmId);
}

const NAME = /^[A-Za-z][A-Za-z0-9\-_]+$/;

function checkName({ name }: { name?: string }): CheckFailure[] {
  return typeof name === "string" && !NAME.test(name)
    ? [{ property: "name", reason: `invalid name "${name}": a letter, then letters, digits, hyphens and underscores` }]
    : [];
}

function isAddress(text: string): boolean {
  if (text.includes(":")) return true;
  const [from = "", to] = text.split("-");
  if (to !== undefined) return parseAddress(from).ok && parseAddress(to).ok;
  const [address = "", length] = text.split("/");
  return parseAddress(address).ok && (length === undefined || (/^\d+$/.test(length) && Number(length) <= 32));
}

/** `+set`, `dc/alias`, or addresses with commas between. */
function requireTarget({ rack }: Context, where: string, target: string | undefined, scope: Scope): void {
  for (const part of (target ?? "")
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "")) {
    const plain = part.replace(/^\+/, "").replace(/^(dc|guest)\//, "");
    const keys = [`cluster/${plain}`, `${scopeOf(scope)}/${plain}`];
    const isThere = (kind: string) => keys.some((key) => documents(rack, kind).get(key));
    if (part.startsWith("+")) {
      if (!isThere(IPSETS) && !plain.startsWith("sdn/")) throw parameterError({ [where]: `no such ipset '${plain}'` });
    } else if (!isAddress(part) && !isThere(ALIASES)) throw parameterError({ [where]: `no such alias '${part}'` });
  }
}

function requireRules(context: Context, rules: readonly Rule[] | undefined, scope: Scope): void {
  for (const [index, rule] of (rules ?? []).entries()) {
    const where = (name: string) => `rules[${index}].${name}`;
    if (rule.securityGroup) {
      if (!documents(context.rack, GROUPS).get(rule.securityGroup))
        throw parameterError({ [where("action")]: `security group '${rule.securityGroup}' does not exist` });
      continue;
    }
    if (!["in", "out", "forward"].includes(rule.type ?? ""))
      throw parameterError({
        [where("type")]:
          `value '${rule.type ?? ""}' does not have a value in the enumeration 'in, out, forward, group'`,
      });
    if (!["ACCEPT", "DROP", "REJECT"].includes(rule.action ?? ""))
      throw parameterError({ [where("action")]: `unknown action '${rule.action ?? ""}'` });
    requireTarget(context, where("source"), rule.source, scope);
    requireTarget(context, where("dest"), rule.dest, scope);
    const hasPorts = Boolean(rule.dport || rule.sport);
    if (
      hasPorts &&
      !["tcp", "udp", "icmp", "ipv6-icmp", "sctp", "udplite", "dccp"].includes(rule.proto ?? "") &&
      !rule.macro
    ) {
      throw parameterError({ [where("proto")]: "missing property - 'dport' and 'sport' need a protocol with ports" });
    }
  }
}

/** Users of an ipset or alias, by its name in rules. */
function requireUnusedName(kind: string) {
  return (rack: Context["rack"], key: string): void => {
    const name = key.split("/").at(-1) ?? key;
    const uses = (rule: Rule) =>
      [rule.source, rule.dest].some((target) =>
        target?.split(",").some((part) => part.replace(/^\+?(dc\/|guest\/)?/, "") === name),
      );
    const all = [...documents<Rules>(rack, RULES).list(), ...documents<Group>(rack, GROUPS).list()];
    const user = all.find(({ body }) => body.rules?.some(uses));
    if (user && kind === "alias") throw apiError(500, `alias '${name}' is still used in ${user.id}`);
  };
}

const scopedKey = (inputs: Scope & { name: string }) => `${scopeOf(inputs)}/${inputs.name}`;
const scopedKeyOf = (id: string, state: Partial<Scope>) => (id.includes("/") ? id : `${scopeOf(state as Scope)}/${id}`);

/** The Proxmox firewall, by token. */
export const firewallResources = {
  "proxmoxve:cluster/firewallLegacy:FirewallLegacy": documentResource<Record<string, unknown>>({
    kind: CLUSTER,
    key: () => "cluster-firewall",
    keyOf: () => "cluster-firewall",
    // bpg/terraform-provider-proxmox v0.111.1, proxmoxtf/resource/cluster/firewall/firewall.go, firewallDelete: it stays on.
    outlivesDeletion: true,
    // The answer to this very change is the first that does not come through.
    afterwards: (context) => clusterApi(context, "read"),
  }),
  "proxmoxve:firewall/optionsLegacy:OptionsLegacy": documentResource<Scope>({
    kind: OPTIONS,
    key: scopeOf,
    keyOf: (id, state) => (state.nodeName === undefined ? id : scopeOf(state as Scope)),
    // The same in proxmoxtf/resource/firewall/options.go, optionsDelete; they go with the guest.
    outlivesDeletion: true,
    check: ({ vmId, containerId }) =>
      vmId === undefined && containerId === undefined
        ? [{ property: "vmId", reason: "one of `containerId,vmId` must be specified" }]
        : [],
    require: requireScope,
  }),
  "proxmoxve:firewall/rulesLegacy:RulesLegacy": documentResource<Rules>({
    kind: RULES,
    key: scopeOf,
    keyOf: (id, state) => (state.rules === undefined ? id : scopeOf(state as Scope)),
    exists: (inputs) => `cannot create firewall rules: ${scopeOf(inputs)} has rules already; import them`,
    require(context, inputs) {
      requireScope(context, inputs);
      requireRules(context, inputs.rules, inputs);
    },
  }),
  "proxmoxve:cluster/firewall/security/groupLegacy:GroupLegacy": documentResource<Group>({
    kind: GROUPS,
    key: ({ name }) => name,
    autoname: "name",
    check: (inputs) =>
      typeof inputs.name === "string" && inputs.name.length > 18
        ? [{ property: "name", reason: `security group name "${inputs.name}" is longer than 18 characters` }]
        : checkName(inputs),
    exists: ({ name }) => `Security group '${name}' already exists`,
    require: (context, inputs) => requireRules(context, inputs.rules, {}),
    requireUnused(rack, key) {
      const user = documents<Rules>(rack, RULES)
        .list()
        .find(({ body }) => body.rules?.some((rule) => rule.securityGroup === key));
      if (user) throw apiError(500, `Security group '${key}' is not empty or in use (${user.id})`);
    },
  }),
  "proxmoxve:firewall/ipsetLegacy:IpsetLegacy": documentResource<IpSet>({
    kind: IPSETS,
    key: scopedKey,
    id: ({ name }) => name,
    keyOf: scopedKeyOf,
    autoname: "name",
    check: checkName,
    exists: ({ name }) => `IPSet '${name}' already exists`,
    require(context, inputs) {
      requireScope(context, inputs);
      for (const { name } of inputs.cidrs ?? []) if (!isAddress(name)) requireTarget(context, "cidr", name, inputs);
    },
  }),
  "proxmoxve:firewall/aliasLegacy:AliasLegacy": documentResource<Alias>({
    kind: ALIASES,
    key: scopedKey,
    id: ({ name }) => name,
    keyOf: scopedKeyOf,
    autoname: "name",
    check: checkName,
    exists: ({ name }) => `alias '${name}' already exists`,
    require(context, inputs) {
      requireScope(context, inputs);
      if (!isAddress(inputs.cidr))
        throw parameterError({
          cidr: `invalid format - value does not look like a valid IP address or network: '${inputs.cidr}'`,
        });
    },
    requireUnused: requireUnusedName("alias"),
  }),
};
