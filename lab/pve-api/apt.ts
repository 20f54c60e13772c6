// Package repositories of a host: the standard ones, and the files they are in.
import { nodeApi, parameterError } from "../providers/proxmoxve/api.ts";
import { nodeSettingResources, standardRepositories } from "../providers/proxmoxve/node-settings.ts";
import { proxmoxHosts } from "../rack/hosts.ts";
import type { Call, Endpoint } from "./endpoint.ts";
import { pluginResource } from "./plugin-resource.ts";

const repository = pluginResource(nodeSettingResources["proxmoxve:apt/standard/repository:Repository"]);

const nodeOf = (call: Call): string => call.path["node"] ?? "";

/** Repositories of one file, in the order in which they are enabled or known. */
function files(enabled: readonly string[]): object[] {
  const paths = [...new Set(Object.values(standardRepositories).map(({ file }) => file))].sort();
  return paths.flatMap((file) => {
    const handles = enabled.filter((handle) => standardRepositories[handle]?.file === file);
    const repositories = handles.map((handle) => described(handle));
    return repositories.length === 0
      ? []
      : [{ path: `/etc/apt/sources.list.d/${file}`, "file-type": "sources", repositories }];
  });
}

function described(handle: string): object {
  const isEnterprise = handle.endsWith("enterprise");
  const uri = `${isEnterprise ? "https://enterprise" : "http://download"}.proxmox.com/debian/${handle.replace(/-?(enterprise|no-subscription|test)$/, "") || "pve"}`;
  const component = handle.startsWith("ceph")
    ? /(enterprise|no-subscription|test)$/.exec(handle)?.[0]
    : `pve-${handle}`;
  return {
    Types: ["deb"],
    URIs: [uri],
    Suites: ["trixie"],
    Components: [component ?? ""],
    Enabled: 1,
    FileType: "sources",
  };
}

export const aptEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes/{node}/apt/repositories",
    answer: (call) => {
      const { repositories } = nodeApi(call.context, nodeOf(call));
      const standard = Object.entries(standardRepositories).map(([handle, { name }]) => ({
        ...{ handle, name, description: `${name} repository.` },
        ...(repositories.includes(handle) && { status: 1 }),
      }));
      return {
        files: files(repositories),
        "standard-repos": standard,
        errors: [],
        infos: [],
        digest: String(repositories.length),
      };
    },
  },
  {
    method: "PUT",
    path: "/nodes/{node}/apt/repositories",
    accepts: ["digest", "node"],
    requires: ["handle"],
    answer: (call) => {
      repository.create(call.context, { node: nodeOf(call), handle: call.parameters["handle"] });
      return null;
    },
  },
  {
    method: "POST",
    path: "/nodes/{node}/apt/repositories",
    accepts: ["digest", "enabled"],
    requires: ["index", "path"],
    answer: (call) => {
      const { enabled = "1", index = "0", path = "" } = call.parameters;
      const host = nodeApi(call.context, nodeOf(call));
      const handle = host.repositories.filter((own) => path.endsWith(`/${standardRepositories[own]?.file}`))[
        Number(index)
      ];
      if (handle === undefined) throw parameterError({ index: "no such repository" });
      if (enabled === "0")
        proxmoxHosts(call.context.rack).edit(nodeOf(call), (body) => {
          body.repositories = body.repositories.filter((own) => own !== handle);
        });
      return null;
    },
  },
];
