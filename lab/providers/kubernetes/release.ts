// helm.sh/v3 Release: installed, awaited, taken back when it was atomic and failed.
import { type Context, InitializationFailed, resource } from "../../plugin/contract.ts";
import { simulatedNow } from "../../rack/clock.ts";
import type { Values } from "../../rack/kubernetes/charts/chart.ts";
import { announceAll } from "../../rack/kubernetes/load-balancer.ts";
import { listPods, whenAll } from "../../rack/kubernetes/pods.ts";
import { readinessOf } from "../../rack/kubernetes/readiness.ts";
import {
  getRelease,
  installRelease,
  markDone,
  objectsOf,
  type ReleaseRecord,
  type ReleaseRequest,
  uninstallRelease,
  upgradeRelease,
} from "../../rack/kubernetes/releases.ts";
import { kubeconfigOf } from "./object.ts";
import { awaitReady, withApi } from "./waiting.ts";

interface ReleaseInputs {
  name?: string;
  namespace?: string;
  chart: string;
  version?: string;
  repositoryOpts?: { repo?: string };
  values?: Record<string, unknown>;
  createNamespace?: boolean;
  skipAwait?: boolean;
  atomic?: boolean;
  timeout?: number;
}

interface ReleaseState extends ReleaseInputs {
  status?: object;
  resourceNames?: Record<string, string[]>;
}

const DEFAULT_TIMEOUT_SEC = 300;
/** Fetching and rendering a chart. */
const HELM_MS = 3_000;

function requestOf(context: Context, inputs: ReleaseInputs): ReleaseRequest {
  return {
    name: inputs.name ?? context.name,
    namespace: inputs.namespace ?? "default",
    chart: inputs.chart,
    version: inputs.version,
    repository: inputs.repositoryOpts?.repo,
    values: (inputs.values ?? {}) as Values,
    createNamespace: inputs.createNamespace === true,
  };
}

function outputsOf(request: ReleaseRequest, record: ReleaseRecord, status: string): Partial<ReleaseState> {
  const names: Record<string, string[]> = {};
  for (const resourceName of record.resources) {
    const [kind = "", ...rest] = resourceName.split("/");
    names[kind] = [...(names[kind] ?? []), rest.join("/")];
  }
  const { name, namespace } = request;
  const { revision, chart, version, appVersion } = record;
  return {
    name,
    namespace,
    resourceNames: names,
    status: { name, namespace, revision, chart, version, appVersion, status },
  };
}

async function settle(
  context: Context,
  inputs: ReleaseInputs,
  request: ReleaseRequest,
  record: ReleaseRecord,
  isNew: boolean,
): Promise<Partial<ReleaseState>> {
  if (inputs.skipAwait === true) return outputsOf(request, record, "deployed");
  const { rack } = context;
  const kubeconfig = kubeconfigOf(context);
  const outcome = await awaitReady(rack, kubeconfig, inputs.timeout ?? DEFAULT_TIMEOUT_SEC, (api) => {
    const pods = listPods(api);
    const objects = objectsOf(api, request);
    const readiness = whenAll(
      objects.map((stored) => {
        const own = readinessOf(api, stored, pods);
        return "blocked" in own
          ? { blocked: `${stored.object.kind} ${request.namespace}/${stored.object.metadata.name}: ${own.blocked}` }
          : own;
      }),
    );
    const finish = () => {
      for (const stored of objects) markDone(api, stored);
      announceAll(api, listPods(api), simulatedNow(rack));
      return outputsOf(request, record, "deployed");
    };
    return { readiness, finish };
  });
  if ("result" in outcome) return outcome.result;
  const why = `context deadline exceeded: ${outcome.reason}`;
  if (inputs.atomic === true && isNew) {
    await withApi(rack, kubeconfig, (api) => uninstallRelease(api, request));
    throw new Error(
      `Helm release "${request.namespace}/${request.name}": release ${request.name} failed, and has been uninstalled due to atomic being set: ${why}`,
    );
  }
  const id = `${request.namespace}/${request.name}`;
  throw new InitializationFailed(id, outputsOf(request, record, "failed") as Record<string, unknown>, [
    `Helm release "${id}" was created, but failed to initialize completely. Use Helm CLI to investigate: ${why}`,
  ]);
}

/** A release of a chart. */
export const release = resource<ReleaseInputs, ReleaseState, true>({
  outside: true,
  autoname: "name",
  replaces: ["name", "namespace"],
  deleteBeforeReplace: true,
  volatile: ["status", "resourceNames"],
  latencyMs: { create: HELM_MS, read: 200, update: HELM_MS, delete: 2_000 },
  async create(context, inputs) {
    const request = requestOf(context, inputs);
    const record = await withApi(context.rack, kubeconfigOf(context), (api) => installRelease(api, request));
    return {
      id: `${request.namespace}/${request.name}`,
      outputs: await settle(context, inputs, request, record, true),
    };
  },
  async read(context, id, state) {
    const [namespace = "", name = ""] = id.split("/");
    const record = await withApi(context.rack, kubeconfigOf(context), (api) => getRelease(api, namespace, name));
    if (!record) return undefined;
    const request = requestOf(context, { chart: record.chart, ...state, name, namespace });
    const { status: _, resourceNames: __, ...inputs } = state;
    return {
      outputs: outputsOf(request, record, "deployed"),
      inputs: { ...inputs, name, namespace, chart: record.chart, version: record.version },
    };
  },
  async update(context, _, inputs) {
    const request = requestOf(context, inputs);
    const record = await withApi(context.rack, kubeconfigOf(context), (api) => {
      return getRelease(api, request.namespace, request.name)
        ? upgradeRelease(api, request)
        : installRelease(api, request);
    });
    return settle(context, inputs, request, record, false);
  },
  async delete(context, id) {
    const [namespace = "", name = ""] = id.split("/");
    await withApi(context.rack, kubeconfigOf(context), (api) => uninstallRelease(api, { namespace, name }));
  },
});
