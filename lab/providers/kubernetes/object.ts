// Any Kubernetes object as a resource: server-side apply, then waiting until it is what its kind promises.
import { createHash, randomBytes } from "node:crypto";
import { type AnyResource, type Context, InitializationFailed, resource } from "../../plugin/contract.ts";
import { isProperties, type Properties, Secret, type Value } from "../../plugin/wire.ts";
import { simulatedNow } from "../../rack/clock.ts";
import { applyObject, deleteObject } from "../../rack/kubernetes/changes.ts";
import { announceAll } from "../../rack/kubernetes/load-balancer.ts";
import { type Api, ApiError, getObject, type KubeObject, type Stored } from "../../rack/kubernetes/objects.ts";
import { listPods } from "../../rack/kubernetes/pods.ts";
import { readinessOf, statusOf } from "../../rack/kubernetes/readiness.ts";
import { markDone, markFailed } from "../../rack/kubernetes/releases.ts";
import { conditionOf } from "../../rack/linstor/operator.ts";
import { immutableFields } from "./immutable-fields.ts";
import { isScriptedJob, runJob } from "./job.ts";
import { awaitReady, withApi } from "./waiting.ts";

/** Await timeouts of the official provider in seconds. */
const TIMEOUT_SEC: Readonly<Record<string, number>> = { PersistentVolumeClaim: 300 };
const DEFAULT_TIMEOUT_SEC = 600;
/** NotFound and NoMatch are tried six times, 63 seconds in all; anything else is final. */
const RETRY_SEC = 63;

/** The kubeconfig of the provider. */
export function kubeconfigOf(context: Context): string {
  return String(context.config["kubeconfig"] ?? "");
}

/** Splits a token: `kubernetes:apps/v1:Deployment` → `Deployment`. */
function kindOfToken(token: string): string {
  return token.split(":")[2] ?? "";
}

function annotation(inputs: KubeObject, name: string): string | undefined {
  return inputs.metadata.annotations?.[`pulumi.com/${name}`];
}

/** Whether a program takes fields away from other managers. */
export function isForced(inputs: KubeObject): boolean {
  return annotation(inputs, "patchForce") === "true";
}

/** `namespace/name`, or the name alone. */
export function idOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** Field manager of one resource: kept in the name of the resource, so that two programs are two managers. */
export function managerOf(context: Context): string {
  return `pulumi-kubernetes-${createHash("sha256").update(context.urn).digest("hex").slice(0, 8)}`;
}

/** Outputs: the live object; what is in a Secret stays secret. */
export function outputsOf(object: KubeObject, status: object | undefined): Record<string, unknown> {
  const outputs: Record<string, unknown> = { ...object, ...(status === undefined ? {} : { status }) };
  if (object.kind === "Secret") {
    if (outputs["data"] !== undefined) outputs["data"] = new Secret(outputs["data"] as Value);
    // The API server never gives it back: without this, what the program gave would stand here as it is.
    outputs["stringData"] = undefined;
  }
  return outputs;
}

function isRetried(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Applies; what is missing (a kind, a namespace) may still come for a while. */
async function apply(context: Context, inputs: KubeObject): Promise<Stored> {
  const applying = { manager: managerOf(context), force: isForced(inputs) };
  const outcome = await awaitReady<Stored>(context.rack, kubeconfigOf(context), RETRY_SEC, (api) => {
    try {
      const stored = context.rack.transaction(() => applyObject(api, inputs, applying));
      return { readiness: { at: 0 }, finish: () => stored };
    } catch (error) {
      if (!isRetried(error)) throw error;
      return { readiness: { blocked: (error as Error).message }, finish: () => Promise.reject(error) as never };
    }
  });
  if ("reason" in outcome)
    throw new Error(
      `resource ${idOf(inputs)} was not successfully created by the Kubernetes API server: ${outcome.reason}`,
    );
  return outcome.result;
}

function describe(api: Api, stored: Stored): Record<string, unknown> {
  const pods = listPods(api);
  announceAll(api, pods, simulatedNow(api.rack));
  return outputsOf(stored.object, statusOf(stored, true, pods));
}

function again(api: Api, { object }: Stored): Stored {
  const found = getObject(api, object.apiVersion, object.kind, object.metadata.namespace, object.metadata.name);
  if (!found) throw new ApiError(404, `${object.kind.toLowerCase()} "${object.metadata.name}" not found`);
  return found;
}

async function settle(
  context: Context,
  inputs: KubeObject,
  applied: Stored,
  timeoutSec: number | undefined,
): Promise<Record<string, unknown>> {
  const { rack } = context;
  const kubeconfig = kubeconfigOf(context);
  if (annotation(inputs, "skipAwait") === "true")
    return withApi(rack, kubeconfig, (api) =>
      outputsOf(again(api, applied).object, statusOf(applied, false, listPods(api))),
    );
  const { kind } = applied.object;
  const limit =
    timeoutSec ?? (Number(annotation(inputs, "timeoutSeconds") ?? 0) || (TIMEOUT_SEC[kind] ?? DEFAULT_TIMEOUT_SEC));
  const giveUp = async (reason: string): Promise<never> => {
    const outputs = await withApi(rack, kubeconfig, (api) => {
      const stored = again(api, applied);
      markFailed(api, stored);
      return outputsOf(stored.object, undefined);
    });
    throw new InitializationFailed(idOf(applied.object), outputs, [reason]);
  };
  if (applied.isFailed === true) return giveUp("Job has failed, and stays so");
  const failure = isScriptedJob(applied) ? await runJob(rack, kubeconfig, applied, limit) : undefined;
  if (failure !== undefined) return giveUp(failure);
  const condition = /^condition=(\w+)$/.exec(annotation(inputs, "waitFor") ?? "")?.[1];
  const outcome = await awaitReady(rack, kubeconfig, limit, (api) => {
    const stored = again(api, applied);
    return {
      readiness:
        condition === undefined ? readinessOf(api, stored) : conditionOf(api, stored.object, condition, listPods(api)),
      finish: () => {
        markDone(api, stored);
        return describe(api, stored);
      },
    };
  });
  if ("result" in outcome) return outcome.result;
  return giveUp(
    `the Kubernetes API server reported that "${idOf(applied.object)}" failed to fully initialize or become live: timed out waiting for ${kind} to be ready: ${outcome.reason}`,
  );
}

/** The provider replaces a job that is not complete when the program says so; otherwise a failed one fails every further run. */
async function dropUnready(context: Context, inputs: KubeObject): Promise<void> {
  if (inputs.kind !== "Job" || annotation(inputs, "replaceUnready") !== "true") return;
  const { apiVersion, kind, metadata } = inputs;
  await withApi(context.rack, kubeconfigOf(context), (api) => {
    const live = getObject(api, apiVersion, kind, metadata.namespace, metadata.name);
    if (live !== undefined && live.isDone !== true)
      deleteObject(api, apiVersion, kind, metadata.namespace, metadata.name);
  });
}

function withName(inputs: Properties, olds: Properties, name: string): Properties {
  const metadata = isProperties(inputs["metadata"]) ? inputs["metadata"] : {};
  if (metadata["name"] !== undefined || metadata["generateName"] !== undefined) return inputs;
  const before = isProperties(olds["metadata"]) ? olds["metadata"]["name"] : undefined;
  return { ...inputs, metadata: { ...metadata, name: before ?? `${name}-${randomBytes(4).toString("hex")}` } };
}

/** A handler for objects of one kind. */
export function objectResource(token: string): AnyResource {
  return resource<KubeObject, KubeObject, true>({
    outside: true,
    replaces: immutableFields(kindOfToken(token)),
    // Two objects of one name cannot be there at once.
    deleteBeforeReplace: true,
    ignores: ["status"],
    latencyMs: { create: 200, read: 50, update: 200, delete: 300 },
    prepare: withName,
    async create(context, inputs) {
      const applied = await apply(context, inputs);
      return { id: idOf(applied.object), outputs: await settle(context, inputs, applied, undefined) };
    },
    async read(context, id, state) {
      const [first = "", second] = id.split("/");
      const { apiVersion, kind } = {
        apiVersion: state.apiVersion ?? apiVersionOf(token),
        kind: state.kind ?? kindOfToken(token),
      };
      return withApi(context.rack, kubeconfigOf(context), (api) => {
        const stored = getObject(api, apiVersion, kind, second === undefined ? undefined : first, second ?? first);
        if (!stored) return undefined;
        const status = statusOf(stored, true, listPods(api));
        return { outputs: outputsOf(stored.object, status), inputs: inputsFrom(stored.object, state) };
      });
    },
    async update(context, _, inputs) {
      await dropUnready(context, inputs);
      return settle(context, inputs, await apply(context, inputs), undefined);
    },
    async delete(context, id, state) {
      const [first = "", second] = id.split("/");
      await withApi(context.rack, kubeconfigOf(context), (api) =>
        deleteObject(api, state.apiVersion, state.kind, second === undefined ? undefined : first, second ?? first),
      );
    },
  });
}

/** `kubernetes:apps/v1:Deployment` → `apps/v1`, `kubernetes:core/v1:Service` → `v1`. */
function apiVersionOf(token: string): string {
  return (token.split(":")[1] ?? "").replace(/^core\//, "");
}

/** Live values in the form programs give them: texts of a Secret, and annotations that only Pulumi reads. */
export function inputsFrom(live: KubeObject, state: Partial<KubeObject>): Record<string, unknown> {
  const { status: _, metadata, ...rest } = live as KubeObject & { status?: unknown };
  const { uid: __, creationTimestamp: ___, resourceVersion: ____, ...named } = metadata;
  const own = Object.entries(state.metadata?.annotations ?? {}).filter(([key]) => key.startsWith("pulumi.com/"));
  const annotations = { ...named.annotations, ...Object.fromEntries(own) };
  const inputs: Record<string, unknown> = {
    ...rest,
    metadata: { ...named, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
  };
  if (live.kind === "Secret") {
    const data = (live["data"] ?? {}) as Record<string, string>;
    inputs["stringData"] = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
    );
  }
  return inputs;
}
