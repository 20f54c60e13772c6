// Fabrics of the software-defined network: written first, live when they are applied (pve-network, API2/Network/SDN/Fabrics).
import { apiError, clusterApi } from "../providers/proxmoxve/api.ts";
import { documents } from "../providers/proxmoxve/documents.ts";
import { sdnResources } from "../providers/proxmoxve/sdn.ts";
import { type Call, type Endpoint, severalOf, toDelete } from "./endpoint.ts";
import { pluginResource } from "./plugin-resource.ts";

const fabrics = pluginResource(sdnResources["proxmoxve:sdn/fabric/openfabric:Openfabric"]);
const nodes = pluginResource(sdnResources["proxmoxve:sdn/fabric/node/openfabric:Openfabric"]);
const applier = pluginResource(sdnResources["proxmoxve:sdn/applier:Applier"]);

type Stored = Record<string, unknown>;

/** The API's names of a fabric's settings, and the plug-in's. */
const FABRIC = {
  ip_prefix: "ipPrefix",
  ip6_prefix: "ip6Prefix",
  hello_interval: "helloInterval",
  csnp_interval: "csnpInterval",
} as const;

const ASKED = ["pending", "running"];
const CHANGED = ["digest", "lock-token", "protocol"];

const protocol = (call: Call): void => {
  const asked = call.parameters["protocol"] ?? "openfabric";
  if (asked !== "openfabric") throw apiError(501, `fabrics of ${asked} are not simulated`);
};

const isNumber = (name: string): boolean => name.endsWith("_interval");

function fabricInputs(call: Call, before: Stored = {}): Stored {
  const { parameters } = call;
  const given = Object.entries(FABRIC).flatMap(([name, own]): [string, unknown][] => {
    const text = parameters[name];
    return text === undefined ? [] : [[own, isNumber(name) ? Number(text) : text]];
  });
  const inputs: Stored = { ...before, ...Object.fromEntries(given), resourceId: fabricId(call) };
  for (const name of toDelete(parameters)) delete inputs[FABRIC[name as keyof typeof FABRIC]];
  return inputs;
}

const fabricId = ({ path, parameters }: Call): string => path["fabric"] ?? parameters["id"] ?? "";
const nodeKey = (call: Call): string => `${fabricId(call)}/${call.path["node"] ?? call.parameters["node_id"] ?? ""}`;

function storedFabric(call: Call): Stored {
  clusterApi(call.context, "read");
  const found = documents<Stored>(call.context.rack, "pve sdn fabric").get(fabricId(call));
  if (found === undefined) throw apiError(500, `fabric '${fabricId(call)}' does not exist in configuration`);
  return found;
}

function storedNode(call: Call): Stored {
  clusterApi(call.context, "read");
  const found = documents<Stored>(call.context.rack, "pve sdn fabric node").get(nodeKey(call));
  if (found === undefined)
    throw apiError(500, `node '${call.path["node"]}' does not exist in fabric '${fabricId(call)}'`);
  return found;
}

function nodeInputs(call: Call, before: Stored = {}): Stored {
  const { parameters } = call;
  const [fabric, node] = nodeKey(call).split("/");
  const interfaces = severalOf(parameters["interfaces"]).map((text) => text.replace(/^name=/, ""));
  const inputs: Stored = {
    ...before,
    ...{ fabricId: fabric, nodeId: node },
    ...(parameters["ip"] !== undefined && { ip: parameters["ip"] }),
    interfaceNames: parameters["interfaces"] === undefined ? (before["interfaceNames"] ?? []) : interfaces,
  };
  for (const name of toDelete(parameters)) delete inputs[name];
  return inputs;
}

export const sdnEndpoints: readonly Endpoint[] = [
  {
    method: "POST",
    path: "/cluster/sdn/fabrics/fabric",
    accepts: [...Object.keys(FABRIC), ...CHANGED],
    requires: ["id"],
    answer: (call) => {
      protocol(call);
      fabrics.create(call.context, fabricInputs(call));
      return null;
    },
  },
  {
    method: "GET",
    path: "/cluster/sdn/fabrics/fabric/{fabric}",
    accepts: ASKED,
    answer: (call) => {
      const fabric = storedFabric(call);
      const settings = Object.entries(FABRIC).flatMap(([name, own]) =>
        fabric[own] === undefined ? [] : [[name, fabric[own]]],
      );
      return { id: fabricId(call), protocol: "openfabric", ...Object.fromEntries(settings) };
    },
  },
  {
    method: "PUT",
    path: "/cluster/sdn/fabrics/fabric/{fabric}",
    accepts: [...Object.keys(FABRIC), ...CHANGED, "delete", "id"],
    answer: (call) => {
      protocol(call);
      fabrics.update(call.context, fabricId(call), fabricInputs(call, storedFabric(call)));
      return null;
    },
  },
  {
    method: "DELETE",
    path: "/cluster/sdn/fabrics/fabric/{fabric}",
    answer: (call) => {
      storedFabric(call);
      fabrics.delete(call.context, fabricId(call));
      return null;
    },
  },
  {
    method: "POST",
    path: "/cluster/sdn/fabrics/node/{fabric}",
    accepts: ["fabric_id", "interfaces", "ip", ...CHANGED],
    requires: ["node_id"],
    answer: (call) => {
      protocol(call);
      nodes.create(call.context, nodeInputs(call));
      return null;
    },
  },
  {
    method: "GET",
    path: "/cluster/sdn/fabrics/node/{fabric}/{node}",
    accepts: ASKED,
    answer: (call) => {
      const { ip, interfaceNames } = storedNode(call);
      const interfaces = (interfaceNames as readonly string[]).map((name) => `name=${name}`);
      const ids = { fabric_id: fabricId(call), node_id: call.path["node"] };
      return { ...ids, protocol: "openfabric", interfaces, ...(ip !== undefined && { ip }) };
    },
  },
  {
    method: "PUT",
    path: "/cluster/sdn/fabrics/node/{fabric}/{node}",
    accepts: ["delete", "fabric_id", "interfaces", "ip", "node_id", ...CHANGED],
    answer: (call) => {
      protocol(call);
      nodes.update(call.context, nodeKey(call), nodeInputs(call, storedNode(call)));
      return null;
    },
  },
  {
    method: "DELETE",
    path: "/cluster/sdn/fabrics/node/{fabric}/{node}",
    answer: (call) => {
      storedNode(call);
      nodes.delete(call.context, nodeKey(call));
      return null;
    },
  },
  {
    method: "PUT",
    path: "/cluster/sdn",
    accepts: ["lock-token", "release-lock"],
    answer: (call) => {
      const node = clusterApi(call.context, "write");
      return call.task(node, "reloadnetworkall", "", () => void applier.create(call.context, {}));
    },
  },
];
