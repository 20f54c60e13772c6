// What the whole cluster shares: options, high availability, hardware mappings.
import { fn } from "../../plugin/contract.ts";
import { hosts, proxmoxHost } from "../../rack/hosts.ts";
import { vms } from "../../rack/vms.ts";
import { apiError, entryHost, parameterError } from "./api.ts";
import { documentResource, documents } from "./documents.ts";

interface HaResource {
  resourceId: string;
  state?: string;
  type?: string;
}
interface HaRule {
  rule: string;
  type: string;
  resources: string[];
  nodes?: Record<string, number>;
  affinity?: string;
}
interface Mapping {
  name: string;
  maps: { id: string; node: string; path?: string }[];
}

const HA_RESOURCES = "pve ha resource";

function mapping(bus: "pci" | "usb", mediated: Record<string, unknown>) {
  return documentResource<Mapping>({
    kind: `pve mapping ${bus}`,
    key: ({ name }) => name,
    autoname: "name",
    exists: ({ name }) => `${bus === "pci" ? "PCI" : "USB"} ID '${name}' is already defined`,
    require({ rack }, { maps }) {
      const missing = maps.find(({ node }) => !hosts(rack).get(node));
      if (missing) throw parameterError({ map: `no such node '${missing.node}'` });
    },
    requireUnused(rack, key) {
      const uses = (config: Record<string, unknown>) =>
        JSON.stringify(config["hostpcis"] ?? []).includes(`"mapping":${JSON.stringify(key)}`);
      const user = vms(rack)
        .list()
        .find(({ body }) => uses(body.config));
      if (user) throw apiError(500, `mapping '${key}' is still used by VM ${user.id}`);
    },
    outputs: () => mediated,
  });
}

/** What the whole Proxmox cluster has one of, by token. */
export const datacenterResources = {
  "proxmoxve:cluster/options:Options": documentResource<Record<string, unknown>>({
    kind: "pve cluster options",
    key: () => "cluster",
    keyOf: () => "cluster",
    require(_, { macPrefix, migrationCidr, migrationType }) {
      if (typeof macPrefix === "string" && !/^[0-9a-f]{2}(:[0-9a-f]{2}){0,2}:?$/i.test(macPrefix))
        throw parameterError({ mac_prefix: `value '${macPrefix}' does not match the regex pattern` });
      if (migrationCidr !== undefined && migrationType === undefined)
        throw parameterError({ migration: "type: property is missing and it is not optional" });
    },
    outputs: (_, inputs) => ({ macPrefix: inputs["macPrefix"] ?? "BC:24:11", crsHa: inputs["crsHa"] ?? "basic" }),
  }),
  "proxmoxve:index/haresource:Haresource": documentResource<HaResource>({
    kind: HA_RESOURCES,
    key: ({ resourceId }) => resourceId,
    exists: ({ resourceId }) => `resource ID '${resourceId}' already defined`,
    require({ rack }, { resourceId }) {
      const vmid = resourceId.replace(/^(vm|ct):/, "");
      if (!vms(rack).get(vmid)) throw apiError(500, `no such virtual machine or container '${vmid}'`);
    },
    requireUnused(rack, key) {
      const user = documents<HaRule>(rack, "pve ha rule")
        .list()
        .find(({ body }) => body.resources.includes(key));
      if (user) throw apiError(500, `resource '${key}' is still used in rule '${user.id}'`);
    },
    outputs: (_, { resourceId, state, type }) => ({
      state: state ?? "started",
      type: type ?? resourceId.split(":")[0],
    }),
  }),
  "proxmoxve:index/harule:Harule": documentResource<HaRule>({
    kind: "pve ha rule",
    key: ({ rule }) => rule,
    exists: ({ rule }) => `HA rule '${rule}' already exists`,
    check: ({ type }) =>
      typeof type === "string" && !["node-affinity", "resource-affinity"].includes(type)
        ? [{ property: "type", reason: `value must be one of: ["node-affinity" "resource-affinity"], got: "${type}"` }]
        : [],
    require({ rack }, { resources, nodes }) {
      const missing = resources.find((id) => !documents(rack, HA_RESOURCES).get(id));
      if (missing)
        throw parameterError({ resources: `cannot use unmanaged resource '${missing}'; make it an HA resource first` });
      const stranger = Object.keys(nodes ?? {}).find((node) => !hosts(rack).get(node));
      if (stranger) throw parameterError({ nodes: `no such node '${stranger}'` });
    },
  }),
  "proxmoxve:hardware/mapping/pci:Pci": mapping("pci", { mediatedDevices: false }),
  "proxmoxve:hardware/mapping/usb:Usb": mapping("usb", {}),
};

export const datacenterFunctions = {
  "proxmoxve:index/getVersion:getVersion": fn<
    object,
    { id: string; release: string; repositoryId: string; version: string }
  >({
    call(context) {
      const { version } = proxmoxHost(context.rack, entryHost(context));
      return { id: "version", release: version.split(".").slice(0, 2).join("."), repositoryId: "simulated", version };
    },
  }),
};
