// Accounts of the Talos API for programs in the cluster (talos.dev ServiceAccount): there where a control plane's configuration allows them.
import type { Cluster } from "../talos/cluster.ts";
import { nodesOf } from "../talos/cluster.ts";
import type { TalosApiAccess } from "../talos/machine-config.ts";
import type { KindInfo } from "./kinds.ts";
import { type Api, getObject, insert, type KubeObject } from "./objects.ts";

/** Group and version of the accounts. */
const VERSION = "talos.dev/v1alpha1";

function accessOf({ rack, cluster }: { rack: Api["rack"]; cluster: Cluster }): TalosApiAccess | undefined {
  return nodesOf(rack, cluster)
    .map(({ config }) => config?.talosApiAccess)
    .find((access) => access !== undefined);
}

/** The kind, where Talos has brought its definition. */
export function talosAccountKind(api: Api, apiVersion: string, kind: string): KindInfo | undefined {
  if (apiVersion !== VERSION || kind !== "ServiceAccount" || accessOf(api) === undefined) return undefined;
  return { kind, plural: "serviceaccounts", isNamespaced: true };
}

/** Talos answers an account with a Secret of its name, where role and namespace are allowed; else it answers nothing. */
export function answerTalosAccount(api: Api, { apiVersion, kind, metadata, spec }: KubeObject): void {
  if (apiVersion !== VERSION || kind !== "ServiceAccount") return;
  const access = accessOf(api);
  const { name, namespace = "default" } = metadata;
  const roles = (spec?.["roles"] ?? []) as string[];
  const isAllowed =
    access?.namespaces.includes(namespace) === true && roles.every((role) => access.roles.includes(role));
  if (!isAllowed || getObject(api, "v1", "Secret", namespace, name)) return;
  const config = Buffer.from(`context: ${api.cluster.name}\n`).toString("base64");
  insert(api, { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, ...{ data: { config } } }, {});
}
