// Package repositories of a host: the standard ones, and the files they are in.
import { nodeApi, parameterError } from "../providers/proxmoxve/api.ts";
import { nodeSettingResources } from "../providers/proxmoxve/node-settings.ts";
import { type ProxmoxHost, proxmoxHosts } from "../rack/hosts.ts";
import { entriesIn, replaceEntries, SOURCE_FILES, SOURCES, standardRepositories } from "../rack/package-sources.ts";
import type { Call, Endpoint } from "./endpoint.ts";
import { pluginResource } from "./plugin-resource.ts";

const repository = pluginResource(nodeSettingResources["proxmoxve:apt/standard/repository:Repository"]);

const nodeOf = (call: Call): string => call.path["node"] ?? "";

/** Files of a host, each with its repositories. */
function files(host: ProxmoxHost): object[] {
  return SOURCE_FILES.flatMap((file) => {
    const repositories = entriesIn(host, file).flatMap(({ handle, isEnabled }) => {
      const known = standardRepositories[handle];
      if (known === undefined) return [];
      const { uri, component } = known;
      const where = { Types: ["deb"], URIs: [uri], Suites: ["trixie"], Components: [component] };
      return [{ ...where, Enabled: isEnabled ? 1 : 0, FileType: "sources" }];
    });
    return repositories.length === 0 ? [] : [{ path: `${SOURCES}/${file}`, "file-type": "sources", repositories }];
  });
}

export const aptEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes/{node}/apt/repositories",
    answer: (call) => {
      const host = nodeApi(call.context, nodeOf(call));
      const standard = Object.entries(standardRepositories).map(([handle, { name }]) => {
        const own = host.repositories.find((entry) => entry.handle === handle);
        const status = own === undefined ? {} : { status: own.isEnabled ? 1 : 0 };
        return { handle, name, description: `${name} repository.`, ...status };
      });
      return {
        files: files(host),
        "standard-repos": standard,
        errors: [],
        infos: [],
        digest: JSON.stringify(host.repositories),
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
      const file = path.slice(`${SOURCES}/`.length);
      const entries = entriesIn(host, file);
      if (entries[Number(index)] === undefined) throw parameterError({ index: "no such repository" });
      const changed = entries.map((entry, at) =>
        at === Number(index) ? { ...entry, isEnabled: enabled !== "0" } : entry,
      );
      proxmoxHosts(call.context.rack).edit(nodeOf(call), (body) => replaceEntries(body, file, changed));
      return null;
    },
  },
];
