// What belongs to all hosts: options, the next free id, the list of everything.
import { clusterApi, parameterError } from "../providers/proxmoxve/api.ts";
import { datacenterResources } from "../providers/proxmoxve/datacenter.ts";
import { documents } from "../providers/proxmoxve/documents.ts";
import { hosts } from "../rack/hosts.ts";
import type { Rack } from "../rack/store.ts";
import { type Vm, vms } from "../rack/vms.ts";
import { type Call, type Endpoint, propertyString, renderProperties, toDelete } from "./endpoint.ts";
import { pluginResource } from "./plugin-resource.ts";

const options = pluginResource(datacenterResources["proxmoxve:cluster/options:Options"]);

/** Options by the API's name: what the plug-in calls them, and the parts of those that have parts. */
const OPTIONS: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  bwlimit: {
    default: "bandwidthLimitDefault",
    clone: "bandwidthLimitClone",
    migration: "bandwidthLimitMigration",
    move: "bandwidthLimitMove",
    restore: "bandwidthLimitRestore",
  },
  console: "console",
  crs: { ha: "crsHa", "ha-rebalance-on-start": "crsHaRebalanceOnStart" },
  description: "description",
  email_from: "emailFrom",
  ha: { shutdown_policy: "haShutdownPolicy" },
  http_proxy: "httpProxy",
  keyboard: "keyboard",
  language: "language",
  mac_prefix: "macPrefix",
  max_workers: "maxWorkers",
  migration: { type: "migrationType", network: "migrationCidr" },
};

type Stored = Record<string, string>;

const stored = (rack: Rack): Stored => documents<Stored>(rack, "pve cluster options").get("cluster") ?? {};

function shown(body: Stored): Record<string, unknown> {
  const entries = Object.entries(OPTIONS).flatMap(([name, key]): [string, unknown][] => {
    if (typeof key === "string") return body[key] === undefined ? [] : [[name, body[key]]];
    const parts = Object.entries(key).flatMap(([part, own]) => (body[own] === undefined ? [] : [[part, body[own]]]));
    if (parts.length === 0) return [];
    const value = Object.fromEntries(parts) as Record<string, string>;
    // `bwlimit` is one of those that the API hands out as they stand in the file.
    return [[name, name === "bwlimit" ? renderProperties(value) : value]];
  });
  return Object.fromEntries(entries);
}

function change(call: Call): null {
  const { context, parameters } = call;
  const body = { ...stored(context.rack) };
  const forget = (name: string) => {
    const key = OPTIONS[name];
    for (const own of typeof key === "string" ? [key] : Object.values(key ?? {})) delete body[own];
  };
  for (const name of toDelete(parameters)) forget(name);
  for (const [name, text] of Object.entries(parameters)) {
    const key = OPTIONS[name];
    if (key === undefined) continue;
    forget(name);
    if (typeof key === "string") body[key] = text;
    else {
      for (const [part, value] of Object.entries(propertyString(text, "type"))) {
        const own = key[part];
        if (own === undefined) throw parameterError({ [name]: `${part}: property is not defined in schema` });
        body[own] = value;
      }
    }
  }
  if (Object.keys(body).length === 0) {
    clusterApi(context, "write");
    documents(context.rack, "pve cluster options").delete("cluster");
  } else options.update(context, "cluster", body, {});
  return null;
}

const machine = (vm: Vm): object => ({
  ...{ id: `qemu/${vm.vmid}`, type: "qemu", vmid: vm.vmid, node: vm.host, name: vm.name, template: 0 },
  ...{ status: vm.running ? "running" : "stopped", maxcpu: vm.cores, maxmem: vm.memoryMiB * 2 ** 20 },
});

export const clusterEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/pools",
    accepts: ["poolid", "type"],
    answer: ({ context }) => {
      // Nobody makes one here.
      clusterApi(context, "read");
      return [];
    },
  },
  {
    method: "GET",
    path: "/cluster/options",
    answer: ({ context }) => {
      clusterApi(context, "read");
      return shown(stored(context.rack));
    },
  },
  { method: "PUT", path: "/cluster/options", accepts: [...Object.keys(OPTIONS), "delete"], answer: change },
  {
    method: "GET",
    path: "/cluster/resources",
    accepts: ["type"],
    answer: ({ context, parameters }) => {
      clusterApi(context, "read");
      const { type } = parameters;
      const machines = vms(context.rack).list();
      const nodes = hosts(context.rack).list();
      return [
        ...(type === undefined || type === "vm" ? machines.map(({ body }) => machine(body)) : []),
        ...(type === undefined || type === "node"
          ? nodes.map(({ id }) => ({ id: `node/${id}`, type: "node", node: id }))
          : []),
      ];
    },
  },
  {
    method: "GET",
    path: "/cluster/nextid",
    accepts: ["vmid"],
    answer: ({ context, parameters }) => {
      const taken = new Set(
        vms(context.rack)
          .list()
          .map(({ body }) => body.vmid),
      );
      const { vmid } = parameters;
      if (vmid !== undefined && taken.has(Number(vmid))) throw parameterError({ vmid: `VM ${vmid} already exists` });
      let free = 100;
      while (taken.has(free)) free += 1;
      return vmid ?? String(free);
    },
  },
];
