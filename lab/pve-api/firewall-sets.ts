// Address sets and aliases of the firewall.
import { apiError } from "../providers/proxmoxve/api.ts";
import { documents } from "../providers/proxmoxve/documents.ts";
import { firewallResources } from "../providers/proxmoxve/firewall.ts";
import { FIREWALL_KINDS } from "../rack/host-firewall.ts";
import { bit, type Call, type Endpoint, isTrue } from "./endpoint.ts";
import { FIREWALL_BASES, forBases, scopeKey, scopeOf } from "./firewall-scope.ts";
import { pluginResource } from "./plugin-resource.ts";

const ipsets = pluginResource(firewallResources["proxmoxve:firewall/ipsetLegacy:IpsetLegacy"]);
const aliases = pluginResource(firewallResources["proxmoxve:firewall/aliasLegacy:AliasLegacy"]);

interface IpSet {
  name: string;
  comment?: string;
  cidrs?: { name: string; nomatch?: boolean; comment?: string }[];
}
interface Alias {
  name: string;
  cidr: string;
  comment?: string;
}

/** Objects of one kind that belong to the path's owner. */
function list<T extends { name: string }>(call: Call, kind: string): T[] {
  const own = `${scopeKey(scopeOf(call))}/`;
  const all = documents<T>(call.context.rack, kind).list();
  return all.filter(({ id, body }) => id === `${own}${body.name}`).map(({ body }) => body);
}

function one<T extends { name: string }>(call: Call, kind: string, what: string): T {
  const name = call.path["name"] ?? "";
  const found = list<T>(call, kind).find((body) => body.name === name);
  if (found === undefined) throw apiError(500, `no such ${what} '${name}'`);
  return found;
}

const set = (call: Call): IpSet => one<IpSet>(call, FIREWALL_KINDS.ipsets, "IPSet");

function writeSet(call: Call, body: IpSet): null {
  const scope = scopeOf(call);
  const whole = { ...scope, ...body };
  ipsets.update(call.context, `${scopeKey(scope)}/${body.name}`, whole, whole);
  return null;
}

const entry = ({ name, nomatch, comment }: NonNullable<IpSet["cidrs"]>[number]) => ({
  ...{ cidr: name, digest: name },
  ...(nomatch && { nomatch: bit(true) }),
  ...(comment && { comment }),
});

const setEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/ipset",
    answer: (call) =>
      list<IpSet>(call, FIREWALL_KINDS.ipsets).map(({ name, comment }) => ({
        name,
        digest: name,
        ...(comment && { comment }),
      })),
  },
  {
    method: "POST",
    path: "/ipset",
    accepts: ["comment", "digest", "rename"],
    requires: ["name"],
    answer: (call) => {
      const { name = "", comment, rename } = call.parameters;
      const scope = scopeOf(call);
      if (rename === undefined) {
        ipsets.create(call.context, { ...scope, name, ...(comment && { comment }), cidrs: [] });
        return null;
      }
      // The same call changes a set: from the name in `rename` to the one in `name`.
      const before = list<IpSet>(call, FIREWALL_KINDS.ipsets).find((body) => body.name === rename);
      if (before === undefined) throw apiError(500, `IPSet '${rename}' does not exist`);
      documents(call.context.rack, FIREWALL_KINDS.ipsets).delete(`${scopeKey(scope)}/${rename}`);
      return writeSet(call, { ...before, name, ...(comment !== undefined && { comment }) });
    },
  },
  { method: "GET", path: "/ipset/{name}", answer: (call) => (set(call).cidrs ?? []).map(entry) },
  {
    method: "POST",
    path: "/ipset/{name}",
    accepts: ["comment", "nomatch"],
    requires: ["cidr"],
    answer: (call) => {
      const { cidr = "", comment, nomatch } = call.parameters;
      const body = set(call);
      if (body.cidrs?.some(({ name }) => name === cidr)) throw apiError(500, `address '${cidr}' already exists`);
      const added = {
        name: cidr,
        ...(comment && { comment }),
        ...(nomatch !== undefined && { nomatch: isTrue(nomatch) }),
      };
      return writeSet(call, { ...body, cidrs: [...(body.cidrs ?? []), added] });
    },
  },
  {
    method: "DELETE",
    path: "/ipset/{name}/{cidr}",
    accepts: ["digest"],
    answer: (call) => {
      const body = set(call);
      return writeSet(call, { ...body, cidrs: (body.cidrs ?? []).filter(({ name }) => name !== call.path["cidr"]) });
    },
  },
  {
    method: "DELETE",
    path: "/ipset/{name}",
    accepts: ["digest", "force"],
    answer: (call) => {
      const { name, cidrs } = set(call);
      if (cidrs?.length && !isTrue(call.parameters["force"])) throw apiError(500, `IPSet '${name}' is not empty`);
      ipsets.delete(call.context, `${scopeKey(scopeOf(call))}/${name}`, {});
      return null;
    },
  },
];

const shownAlias = ({ name, cidr, comment }: Alias) => ({
  ...{ name, cidr, digest: name, ipversion: cidr.includes(":") ? 6 : 4 },
  ...(comment && { comment }),
});

const alias = (call: Call): Alias => one<Alias>(call, FIREWALL_KINDS.aliases, "alias");

const aliasEndpoints: readonly Endpoint[] = [
  { method: "GET", path: "/aliases", answer: (call) => list<Alias>(call, FIREWALL_KINDS.aliases).map(shownAlias) },
  {
    method: "POST",
    path: "/aliases",
    accepts: ["comment"],
    requires: ["cidr", "name"],
    answer: (call) => {
      aliases.create(call.context, { ...scopeOf(call), ...call.parameters });
      return null;
    },
  },
  { method: "GET", path: "/aliases/{name}", answer: (call) => shownAlias(alias(call)) },
  {
    method: "PUT",
    path: "/aliases/{name}",
    accepts: ["comment", "digest", "rename"],
    requires: ["cidr"],
    answer: (call) => {
      const { name: before, ...body } = alias(call);
      const { rename = before, cidr, comment } = call.parameters;
      const scope = scopeOf(call);
      const whole = { ...scope, ...body, name: rename, cidr, ...(comment !== undefined && { comment }) };
      aliases.update(call.context, `${scopeKey(scope)}/${before}`, whole, whole);
      return null;
    },
  },
  {
    method: "DELETE",
    path: "/aliases/{name}",
    accepts: ["digest"],
    answer: (call) => {
      const { name } = alias(call);
      aliases.delete(call.context, `${scopeKey(scopeOf(call))}/${name}`, {});
      return null;
    },
  },
];

/** Hosts have neither: their rules use the cluster's. */
const WITH_SETS = FIREWALL_BASES.filter((base) => base !== "/nodes/{node}/firewall");

export const firewallSetEndpoints: readonly Endpoint[] = [...forBases(WITH_SETS, [...setEndpoints, ...aliasEndpoints])];
