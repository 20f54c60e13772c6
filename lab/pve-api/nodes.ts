// Hosts and what each has one of: DNS, time, /etc/hosts, notes.
import { createHash } from "node:crypto";
import { clusterApi, nodeApi, parameterError } from "../providers/proxmoxve/api.ts";
import { requireTimeZone } from "../providers/proxmoxve/node-settings.ts";
import { type Host, hosts, type ProxmoxHost, proxmoxHosts } from "../rack/hosts.ts";
import { type Call, type Endpoint, toDelete } from "./endpoint.ts";

const nodeOf = (call: Call): string => call.path["node"] ?? "";

function edit(call: Call, change: (host: ProxmoxHost) => void): null {
  nodeApi(call.context, nodeOf(call));
  proxmoxHosts(call.context.rack).edit(nodeOf(call), change);
  return null;
}

const read = (call: Call): ProxmoxHost => nodeApi(call.context, nodeOf(call));

/** The file as the API gives it: one line for each address. */
const hostsText = ({ hostsFile }: ProxmoxHost): string =>
  `${hostsFile.map(({ address, hostnames }) => [address, ...hostnames].join(" ")).join("\n")}\n`;

function hostsFrom(text: string): ProxmoxHost["hostsFile"] {
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim());
  return lines.flatMap((line) => {
    const [address, ...hostnames] = line.split(/\s+/);
    return address ? [{ address, hostnames }] : [];
  });
}

const listed = (host: Host): object => ({
  ...{ node: host.name, id: `node/${host.name}`, type: "node", status: host.powered ? "online" : "offline", level: "" },
  ...{ maxcpu: host.cpuCores, maxmem: host.memoryMiB * 2 ** 20, mem: 0, cpu: 0, uptime: host.powered ? 3600 : 0 },
});

export const nodeEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes",
    answer: ({ context }) => {
      clusterApi(context, "read");
      return hosts(context.rack)
        .list()
        .map(({ body }) => listed(body));
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/dns",
    answer: (call) => {
      const { domain, servers } = read(call).dns;
      return { search: domain, ...Object.fromEntries(servers.map((server, index) => [`dns${index + 1}`, server])) };
    },
  },
  {
    method: "PUT",
    path: "/nodes/{node}/dns",
    accepts: ["dns1", "dns2", "dns3"],
    requires: ["search"],
    answer: (call) =>
      edit(call, (host) => {
        const { search = "", dns1, dns2, dns3 } = call.parameters;
        host.dns = { domain: search, servers: [dns1, dns2, dns3].flatMap((server) => server ?? []) };
      }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/time",
    answer: (call) => {
      const { timeZone } = read(call);
      const seconds = Math.floor(Date.now() / 1000);
      return { timezone: timeZone, time: seconds, localtime: seconds };
    },
  },
  {
    method: "PUT",
    path: "/nodes/{node}/time",
    requires: ["timezone"],
    answer: (call) =>
      edit(call, (host) => {
        const { timezone = "" } = call.parameters;
        requireTimeZone(timezone);
        host.timeZone = timezone;
      }),
  },
  {
    method: "GET",
    path: "/nodes/{node}/hosts",
    answer: (call) => {
      const data = hostsText(read(call));
      return { data, digest: digestOf(data) };
    },
  },
  {
    method: "POST",
    path: "/nodes/{node}/hosts",
    accepts: ["digest"],
    requires: ["data"],
    answer: (call) => {
      const { digest, data = "" } = call.parameters;
      if (digest !== undefined && digest !== digestOf(hostsText(read(call))))
        throw parameterError({ digest: "detected modified configuration - file changed by other user? Try again." });
      return edit(call, (host) => {
        host.hostsFile = hostsFrom(data);
      });
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/config",
    accepts: ["property"],
    answer: (call) => {
      const { description } = read(call);
      return { digest: digestOf(description ?? ""), ...(description !== undefined && { description }) };
    },
  },
  {
    method: "PUT",
    path: "/nodes/{node}/config",
    accepts: ["description", "delete", "digest"],
    answer: (call) =>
      edit(call, (host) => {
        if (toDelete(call.parameters).includes("description")) delete host.description;
        if (call.parameters["description"] !== undefined) host.description = call.parameters["description"];
      }),
  },
];

/** What the API compares to find that somebody else changed a file meanwhile. */
function digestOf(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
