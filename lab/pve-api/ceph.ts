// Ceph pools.
import { apiError, clusterApi, nodeApi } from "../providers/proxmoxve/api.ts";
import { cephFunctions, cephResources } from "../providers/proxmoxve/ceph.ts";
import { cephPools } from "../rack/ceph.ts";
import { type Call, type Endpoint, isTrue, type Parameters } from "./endpoint.ts";
import { pluginResource } from "./plugin-resource.ts";

const pools = pluginResource(cephResources["proxmoxve:ceph/pool:Pool"]);
const status = cephFunctions["proxmoxve:ceph/getStatus:getStatus"];

const SETTINGS = [
  "application",
  "crush_rule",
  "min_size",
  "pg_autoscale_mode",
  "pg_num",
  "pg_num_min",
  "size",
  "target_size",
  "target_size_ratio",
];

function inputs(node: string, name: string, given: Parameters): Record<string, unknown> {
  const number = (key: string) => (given[key] === undefined ? {} : { [camel(key)]: Number(given[key]) });
  return {
    ...{ nodeName: node, name },
    ...(given["application"] !== undefined && { application: given["application"] }),
    ...(given["erasure-coding"] !== undefined && { erasureCoding: given["erasure-coding"] }),
    ...{ ...number("size"), ...number("min_size"), ...number("pg_num") },
    addStorages: isTrue(given["add_storages"]),
  };
}

const camel = (text: string): string => text.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const of = (call: Call) => ({
  node: call.path["node"] ?? "",
  name: call.path["name"] ?? call.parameters["name"] ?? "",
});

export const cephEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes/{node}/ceph/status",
    answer: (call) => {
      const health = status.call(call.context, { nodeName: of(call).node }) as Record<string, unknown>;
      return { fsid: health["fsid"], health: { status: health["healthStatus"] }, quorum_names: health["quorumNames"] };
    },
  },
  {
    method: "POST",
    path: "/nodes/{node}/ceph/pool",
    accepts: [...SETTINGS, "add_storages", "erasure-coding"],
    requires: ["name"],
    answer: (call) => {
      const { node, name } = of(call);
      nodeApi(call.context, node);
      clusterApi(call.context, "write");
      return call.task(node, "cephcreatepool", name, () => {
        pools.create(call.context, inputs(node, name, call.parameters));
      });
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/ceph/pool/{name}/status",
    accepts: ["verbose"],
    answer: (call) => {
      const { node, name } = of(call);
      nodeApi(call.context, node);
      const pool = cephPools(call.context.rack).get(name);
      if (pool === undefined)
        throw apiError(500, `error with 'osd pool get': mon_cmd failed - unrecognized pool '${name}'`);
      return {
        ...{ name, size: pool.size, min_size: pool.minSize, pg_num: pool.pgNum, pg_num_min: 1 },
        application_list: [pool.application],
        crush_rule: "replicated_rule",
        pg_autoscale_mode: "on",
      };
    },
  },
  {
    method: "PUT",
    path: "/nodes/{node}/ceph/pool/{name}",
    accepts: SETTINGS,
    answer: (call) => {
      const { node, name } = of(call);
      const before = cephPools(call.context.rack).get(name);
      if (before === undefined) throw apiError(500, `pool '${name}' does not exist`);
      return call.task(node, "cephsetpool", name, () => {
        pools.update(call.context, `${node}/${name}`, { ...before, ...inputs(node, name, call.parameters) }, {});
      });
    },
  },
  {
    method: "DELETE",
    path: "/nodes/{node}/ceph/pool/{name}",
    accepts: ["force", "remove_ecprofile", "remove_storages"],
    answer: (call) => {
      const { node, name } = of(call);
      const { force, remove_storages } = call.parameters;
      return call.task(node, "cephdestroypool", name, () => {
        const state = { nodeName: node, forceDestroy: isTrue(force), removeStorages: isTrue(remove_storages) };
        pools.delete(call.context, `${node}/${name}`, state);
      });
    },
  },
];
