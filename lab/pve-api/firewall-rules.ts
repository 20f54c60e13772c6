// Rules of the cluster, of hosts, of machines and of security groups: an ordered list, in which a new rule comes first.
import { apiError, clusterApi, parameterError } from "../providers/proxmoxve/api.ts";
import { documents } from "../providers/proxmoxve/documents.ts";
import { firewallResources } from "../providers/proxmoxve/firewall.ts";
import { FIREWALL_KINDS } from "../rack/host-firewall.ts";
import { bit, type Call, type Endpoint, isTrue, type Parameters, toDelete } from "./endpoint.ts";
import { FIREWALL_BASES, forBases, scopeKey, scopeOf } from "./firewall-scope.ts";
import { pluginResource } from "./plugin-resource.ts";

const rulesResource = pluginResource(firewallResources["proxmoxve:firewall/rulesLegacy:RulesLegacy"]);
const groupResource = pluginResource(firewallResources["proxmoxve:cluster/firewall/security/groupLegacy:GroupLegacy"]);

/** A rule as the plug-in names its parts. */
interface Rule {
  type?: string;
  action?: string;
  securityGroup?: string;
  enabled?: boolean;
  [part: string]: string | boolean | undefined;
}

const PARTS = ["comment", "dest", "dport", "iface", "log", "macro", "proto", "source", "sport"];

const RULE = [...PARTS, "action", "digest", "enable", "icmp-type", "pos", "type"];

/** A list of rules, wherever it belongs. */
interface List {
  read(call: Call): Rule[];
  /** Checked as the plug-in checks them. */
  write(call: Call, rules: Rule[]): void;
}

const owned: List = {
  read: (call) =>
    documents<{ rules?: Rule[] }>(call.context.rack, FIREWALL_KINDS.rules).get(scopeKey(scopeOf(call)))?.rules ?? [],
  write(call, rules) {
    const scope = scopeOf(call);
    const key = scopeKey(scope);
    clusterApi(call.context, "write");
    if (rules.length === 0) documents(call.context.rack, FIREWALL_KINDS.rules).delete(key);
    else rulesResource.update(call.context, key, { ...scope, rules }, { ...scope, rules });
  },
};

const group = (call: Call) => {
  const name = call.path["group"] ?? "";
  const found = documents<{ name: string; rules?: Rule[] }>(call.context.rack, FIREWALL_KINDS.groups).get(name);
  if (found === undefined) throw apiError(500, `no such security group '${name}'`);
  return found;
};

const grouped: List = {
  read: (call) => group(call).rules ?? [],
  write(call, rules) {
    const body = { ...group(call), rules };
    groupResource.update(call.context, body.name, body, body);
  },
};

function parts(given: Parameters): Rule {
  const named = PARTS.flatMap((part) => (given[part] ? [[part, given[part]]] : []));
  const { type, action, enable } = given;
  return {
    ...Object.fromEntries(named),
    ...(type === "group" ? { securityGroup: action } : { ...(type && { type }), ...(action && { action }) }),
    ...(enable !== undefined && { enabled: isTrue(enable) }),
  };
}

/** A rule as the API shows it. */
function shown(rule: Rule, index: number): object {
  const named = PARTS.flatMap((part) => (rule[part] === undefined || rule[part] === "" ? [] : [[part, rule[part]]]));
  return {
    ...Object.fromEntries(named),
    ...(rule.securityGroup ? { type: "group", action: rule.securityGroup } : { type: rule.type, action: rule.action }),
    ...{ enable: bit(rule.enabled !== false), pos: index },
  };
}

function at(rules: readonly Rule[], call: Call): { rule: Rule; index: number } {
  const index = Number(call.path["pos"]);
  const rule = rules[index];
  if (rule === undefined) throw apiError(500, `no rule at position ${call.path["pos"]}`);
  return { rule, index };
}

function change(call: Call, list: List): null {
  const rules = [...list.read(call)];
  const { rule, index } = at(rules, call);
  const { moveto } = call.parameters;
  if (moveto !== undefined) {
    if (!/^\d+$/.test(moveto)) throw parameterError({ moveto: "type check ('integer') failed" });
    rules.splice(index, 1);
    // PVE counts before the rule is taken out.
    rules.splice(Number(moveto) > index ? Number(moveto) - 1 : Number(moveto), 0, rule);
  } else {
    const merged = { ...rule, ...parts(call.parameters) };
    for (const name of toDelete(call.parameters)) delete merged[name === "enable" ? "enabled" : name];
    rules[index] = merged;
  }
  list.write(call, rules);
  return null;
}

function endpoints(list: List, base: string): Endpoint[] {
  return [
    { method: "GET", path: base, answer: (call) => list.read(call).map(shown) },
    {
      method: "POST",
      path: base,
      accepts: RULE,
      requires: ["action", "type"],
      answer: (call) => {
        const rules = [...list.read(call)];
        rules.splice(Number(call.parameters["pos"] ?? 0), 0, { enabled: false, ...parts(call.parameters) });
        list.write(call, rules);
        return null;
      },
    },
    {
      method: "GET",
      path: `${base}/{pos}`,
      answer: (call) => {
        const { rule, index } = at(list.read(call), call);
        // Here, and only here, the position is text.
        return { ...shown(rule, index), pos: String(index) };
      },
    },
    {
      method: "PUT",
      path: `${base}/{pos}`,
      accepts: [...RULE, "delete", "moveto"],
      answer: (call) => change(call, list),
    },
    {
      method: "DELETE",
      path: `${base}/{pos}`,
      accepts: ["digest"],
      answer: (call) => {
        const rules = list.read(call);
        const { index } = at(rules, call);
        list.write(call, rules.toSpliced(index, 1));
        return null;
      },
    },
  ];
}

export const firewallRuleEndpoints: readonly Endpoint[] = [
  ...forBases(FIREWALL_BASES, endpoints(owned, "/rules")),
  ...endpoints(grouped, "/cluster/firewall/groups/{group}"),
  {
    method: "GET",
    path: "/cluster/firewall/groups",
    answer: ({ context }) => {
      clusterApi(context, "read");
      const all = documents<{ name: string; comment?: string }>(context.rack, FIREWALL_KINDS.groups).list();
      return all.map(({ body: { name, comment } }) => ({ group: name, digest: name, ...(comment && { comment }) }));
    },
  },
  {
    method: "POST",
    path: "/cluster/firewall/groups",
    accepts: ["comment", "digest", "rename"],
    requires: ["group"],
    answer: ({ context, parameters }) => {
      const { group: name, comment, rename } = parameters;
      if (rename !== undefined) throw parameterError({ rename: "renaming is not simulated" });
      groupResource.create(context, { name, ...(comment && { comment }), rules: [] });
      return null;
    },
  },
  {
    method: "DELETE",
    path: "/cluster/firewall/groups/{group}",
    answer: (call) => {
      const { name, rules } = group(call);
      if (rules?.length) throw apiError(500, `Security group '${name}' is not empty`);
      groupResource.delete(call.context, name, {});
      return null;
    },
  },
];
