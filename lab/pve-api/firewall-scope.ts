// Whose firewall a path is about: the cluster's, a host's, a machine's.
import { clusterApi, nodeApi } from "../providers/proxmoxve/api.ts";
import type { Call, Endpoint } from "./endpoint.ts";
import { requireGuest } from "./qemu.ts";

/** Where firewalls are. */
export const FIREWALL_BASES = [
  "/cluster/firewall",
  "/nodes/{node}/firewall",
  "/nodes/{node}/qemu/{vmid}/firewall",
] as const;

/** What the plug-in calls whose firewall it is. */
interface Scope {
  readonly nodeName?: string;
  readonly vmId?: number;
}

/** The owner of a path's firewall, which is there and can be asked. */
export function scopeOf(call: Call): Scope {
  const { node, vmid } = call.path;
  if (node === undefined) {
    clusterApi(call.context, "read");
    return {};
  }
  nodeApi(call.context, node);
  if (vmid === undefined) return { nodeName: node };
  requireGuest(call);
  return { nodeName: node, vmId: Number(vmid) };
}

/** `cluster`, `node/<n>`, `vm/<n>/<id>`: as the plug-in keeps it. */
export function scopeKey({ nodeName, vmId }: Scope): string {
  if (nodeName === undefined) return "cluster";
  return vmId === undefined ? `node/${nodeName}` : `vm/${nodeName}/${vmId}`;
}

/** The same endpoints for some of the places. */
export function forBases(bases: readonly string[], endpoints: readonly Endpoint[]): Endpoint[] {
  return bases.flatMap((base) => endpoints.map((endpoint) => ({ ...endpoint, path: `${base}${endpoint.path}` })));
}
