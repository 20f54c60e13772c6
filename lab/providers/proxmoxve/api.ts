// The way of a request: from the operator to the host that the endpoint names, and from there to the host it is about. The errors are those
// of the plug-in's HTTP client and of pveproxy.
import type { Context } from "../../plugin/contract.ts";
import { clusterOf, quorumOf } from "../../rack/corosync.ts";
import { hostFirewallDrops } from "../../rack/host-firewall.ts";
import { hosts, type ProxmoxHost, proxmoxHost, proxmoxHosts } from "../../rack/hosts.ts";
import { addressesOf } from "../../rack/network.ts";
import { OPERATOR, reach } from "../../rack/reach.ts";
import type { Rack } from "../../rack/store.ts";

/** An error as the API answers it. */
export function apiError(status: number, reason: string): Error {
  return new Error(`received an HTTP ${status} response - Reason: ${reason}`);
}

/** `{ slaves: "…" }` as the API words refused parameters. */
export function parameterError(parameters: Readonly<Record<string, string>>): Error {
  const reasons = Object.entries(parameters).map(([name, why]) => `${name}: ${why}`);
  return apiError(400, `Parameter verification failed. (${reasons.join("; ")})`);
}

/**
 * Host whose API the endpoint names: `https://<host>.<rack>.rack.invalid:8006/`. An endpoint that names the rack alone is its first host by
 * name, as one address of a real cluster is one host.
 */
export function entryHost({ rack, config }: Context): string {
  const hostname = URL.canParse(String(config["endpoint"])) ? new URL(String(config["endpoint"])).hostname : "";
  const label = hostname.split(`${rack.name}.rack.invalid`)[0]?.replace(/\.$/, "");
  const all = proxmoxHosts(rack)
    .list()
    .map(({ id }) => id);
  const named = all.find((name) => name === label);
  if (label && !named)
    throw new Error(
      `Get "https://${hostname}:8006/": dial tcp: lookup ${hostname}: no such host (hosts of the rack: ${all.join(", ")})`,
    );
  const first = named ?? all[0];
  if (first === undefined) throw new Error(`rack ${rack.name} has no host with Proxmox VE`);
  return first;
}

const API_PORT = 8006;

function requireOperatorReaches(rack: Rack, host: string): void {
  const answers = addressesOf(rack, host).map((address) => ({
    address,
    ...reach(rack, { from: OPERATOR, to: address }),
  }));
  if (answers.some(({ ok }) => ok)) {
    const dropped = hostFirewallDrops(rack, host, API_PORT);
    if (dropped === undefined) return;
    throw new Error(
      `failed to perform HTTP request: dial tcp ${answers.find(({ ok }) => ok)?.address}:${API_PORT}: i/o timeout (${dropped})`,
    );
  }
  const [first] = answers;
  const why = !hosts(rack).get(host)?.powered
    ? `${host} is off`
    : first && !first.ok
      ? first.reason
      : `${host} has no address`;
  throw new Error(
    `failed to perform HTTP request: dial tcp ${first?.address ?? host}:${API_PORT}: connect: no route to host (${why})`,
  );
}

/** The API of the cluster, for what belongs to all hosts; returns the host that answers. Writing needs quorum. */
export function clusterApi(context: Context, access: "read" | "write"): string {
  const entry = entryHost(context);
  requireOperatorReaches(context.rack, entry);
  if (access === "write" && !quorumOf(context.rack, entry).isQuorate)
    throw apiError(500, "cluster not ready - no quorum?");
  return entry;
}

/** The API of one host, through the host that the endpoint names. */
export function nodeApi(context: Context, node: string): ProxmoxHost {
  const entry = clusterApi(context, "read");
  const { rack } = context;
  if (entry !== node) {
    const isMember = clusterOf(rack, entry)?.nodes.some((member) => member.host === node) ?? false;
    if (!isMember) {
      throw apiError(
        500,
        `hostname lookup '${node}' failed - failed to get address info for: ${node}: Name or service not known (the endpoint is ${entry}'s, which is in no cluster with it)`,
      );
    }
    const isHeard = addressesOf(rack, node).some((address) => reach(rack, { from: entry, to: address }).ok);
    if (!isHeard) throw apiError(595, `No route to host (from ${entry} to ${node})`);
  }
  return proxmoxHost(rack, node);
}

/** Splits an id such as `node:iface` on import; `form` is named in the error. */
export function splitId(id: string, separator: string, parts: number, form: string): string[] {
  const split = id.split(separator);
  if (split.length !== parts || split.some((part) => part === "")) {
    throw new Error(`Unexpected Import Identifier: Expected import identifier with format: \`${form}\`. Got: "${id}"`);
  }
  return split;
}
