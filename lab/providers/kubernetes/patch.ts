// Patches (`NamespacePatch`, `ConfigMapPatch` …): fields of an object that somebody else made. Deleting one gives its fields back.
import { type AnyResource, resource } from "../../plugin/contract.ts";
import { applyObject } from "../../rack/kubernetes/changes.ts";
import { type Api, ApiError, getObject, type KubeObject, kindOf } from "../../rack/kubernetes/objects.ts";
import { idOf, inputsFrom, isForced, kubeconfigOf, managerOf, outputsOf } from "./object.ts";
import { withApi } from "./waiting.ts";

function existing(api: Api, { apiVersion, kind, metadata }: KubeObject): KubeObject {
  const info = kindOf(api, apiVersion, kind);
  const namespace = info.isNamespaced ? (metadata.namespace ?? "default") : undefined;
  const stored = getObject(api, apiVersion, kind, namespace, metadata.name);
  if (!stored)
    throw new ApiError(404, `${info.plural} "${metadata.name}" not found: a patch needs an object that exists`);
  return stored.object;
}

/** Handler for all patch resources. */
export const patch: AnyResource = resource<KubeObject, KubeObject, true>({
  outside: true,
  replaces: ["apiVersion", "kind", "metadata.name", "metadata.namespace"],
  latencyMs: { create: 200, read: 50, update: 200, delete: 200 },
  create(context, inputs) {
    return withApi(context.rack, kubeconfigOf(context), (api) => {
      existing(api, inputs);
      const { object } = applyObject(api, inputs, { manager: managerOf(context), force: isForced(inputs) });
      return { id: idOf(object), outputs: outputsOf(object, undefined) };
    });
  },
  read(context, _, state) {
    return withApi(context.rack, kubeconfigOf(context), (api) => {
      const { apiVersion = "", kind = "", metadata = { name: "" } } = state;
      const stored = getObject(api, apiVersion, kind, metadata.namespace, metadata.name);
      return stored && { outputs: outputsOf(stored.object, undefined), inputs: inputsFrom(stored.object, state) };
    });
  },
  update(context, _, inputs) {
    return withApi(context.rack, kubeconfigOf(context), (api) => {
      existing(api, inputs);
      const { object } = applyObject(api, inputs, { manager: managerOf(context), force: isForced(inputs) });
      return outputsOf(object, undefined);
    });
  },
  delete(context, _, { apiVersion, kind, metadata }) {
    return withApi(context.rack, kubeconfigOf(context), (api) => {
      const { name, namespace } = metadata;
      if (!getObject(api, apiVersion, kind, namespace, name)) return;
      const bare = { apiVersion, kind, metadata: namespace === undefined ? { name } : { name, namespace } };
      applyObject(api, bare, { manager: managerOf(context), force: true });
    });
  },
});
