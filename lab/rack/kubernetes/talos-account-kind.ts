// The kind of the accounts of the Talos API (talos.dev ServiceAccount): there where a control plane's configuration allows them.
import type { Rack } from "../store.ts";
import { type Cluster, nodesOf } from "../talos/cluster.ts";
import type { TalosApiAccess } from "../talos/machine-config.ts";
import type { KindInfo } from "./kinds.ts";

/** Group and version of the accounts. */
export const TALOS_ACCOUNTS = "talos.dev/v1alpha1";

/** What the control planes allow programs in the cluster; undefined: nothing. */
export function talosApiAccess({ rack, cluster }: { rack: Rack; cluster: Cluster }): TalosApiAccess | undefined {
  return nodesOf(rack, cluster)
    .map(({ config }) => config?.talosApiAccess)
    .find((access) => access !== undefined);
}

/** The kind, where Talos has brought its definition. */
export function talosAccountKind(
  api: { rack: Rack; cluster: Cluster },
  apiVersion: string,
  kind: string,
): KindInfo | undefined {
  if (apiVersion !== TALOS_ACCOUNTS || kind !== "ServiceAccount" || talosApiAccess(api) === undefined) return undefined;
  return { kind, plural: "serviceaccounts", isNamespaced: true };
}
