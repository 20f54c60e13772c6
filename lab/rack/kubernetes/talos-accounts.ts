// Accounts of the Talos API for programs in the cluster: what Talos answers to one.
import { type Api, getObject, insert, type KubeObject } from "./objects.ts";
import { TALOS_ACCOUNTS, talosApiAccess } from "./talos-account-kind.ts";

/** Talos answers an account with a Secret of its name, where role and namespace are allowed; else it answers nothing. */
export function answerTalosAccount(api: Api, { apiVersion, kind, metadata, spec }: KubeObject): void {
  if (apiVersion !== TALOS_ACCOUNTS || kind !== "ServiceAccount") return;
  const access = talosApiAccess(api);
  const { name, namespace = "default" } = metadata;
  const roles = (spec?.["roles"] ?? []) as string[];
  const isAllowed =
    access?.namespaces.includes(namespace) === true && roles.every((role) => access.roles.includes(role));
  if (!isAllowed || getObject(api, "v1", "Secret", namespace, name)) return;
  const config = Buffer.from(`context: ${api.cluster.name}\n`).toString("base64");
  insert(api, { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, ...{ data: { config } } }, {});
}
