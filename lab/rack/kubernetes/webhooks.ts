// Validating admission webhooks: the API server calls them, so they must run; then they judge.
import { overlaps } from "../../../plan/ipv4.ts";
import { simulatedNow } from "../clock.ts";
import { parsePoolRange } from "./address-controller.ts";
import { groupOf } from "./kinds.ts";
import { type Api, ApiError, getObject, type KubeObject, kindOf, listKind } from "./objects.ts";
import { listPods, type Pod, selectPods } from "./pods.ts";

/** Simulated milliseconds from a ready pod to a webhook that serves: its certificate is made, injected and loaded. */
const WEBHOOK_LAG_MS = 15_000;

interface Webhook {
  name: string;
  failurePolicy?: string;
  clientConfig: { service: { name: string; namespace: string; path?: string } };
  rules: { apiGroups: string[]; resources: string[] }[];
}

function webhooksFor(api: Api, object: KubeObject): Webhook[] {
  const group = groupOf(object.apiVersion);
  const { plural } = kindOf(api, object.apiVersion, object.kind);
  const all = listKind(api, "ValidatingWebhookConfiguration").flatMap(
    (stored) => (stored.object["webhooks"] ?? []) as Webhook[],
  );
  return all.filter(({ rules }) =>
    rules.some(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(plural)),
  );
}

/** When a webhook serves; undefined: not by waiting alone. */
function servesAt(api: Api, webhook: Webhook, pods: readonly Pod[]): number | undefined {
  const { name, namespace } = webhook.clientConfig.service;
  const service = getObject(api, "v1", "Service", namespace, name);
  const selector = (service?.object.spec?.["selector"] ?? {}) as Record<string, string>;
  const moments = selectPods(pods, namespace, selector).flatMap(({ readiness }) =>
    "at" in readiness ? [readiness.at + WEBHOOK_LAG_MS] : [],
  );
  return service && moments.length > 0 ? Math.min(...moments) : undefined;
}

function poolOverlap(api: Api, object: KubeObject): string | undefined {
  const addressesOf = (candidate: KubeObject) =>
    (candidate.spec as { addresses?: string[] } | undefined)?.addresses ?? [];
  for (const text of addressesOf(object)) {
    const range = parsePoolRange(text);
    if (!range) return `invalid CIDR "${text}" in pool "${object.metadata.name}": invalid CIDR "${text}"`;
    for (const other of listKind(api, "IPAddressPool", "metallb.io")) {
      if (other.object.metadata.name === object.metadata.name) continue;
      const clash = addressesOf(other.object).find((candidate) => {
        const taken = parsePoolRange(candidate);
        return taken !== undefined && overlaps(range, taken);
      });
      if (clash !== undefined)
        return `CIDR "${text}" in pool "${object.metadata.name}" overlaps with already defined CIDR "${clash}"`;
    }
  }
  return addressesOf(object).length === 0 ? `pool "${object.metadata.name}" has no addresses` : undefined;
}

function verdict(api: Api, object: KubeObject): string | undefined {
  return object.kind === "IPAddressPool" && groupOf(object.apiVersion) === "metallb.io"
    ? poolOverlap(api, object)
    : undefined;
}

function unanswered({ name, clientConfig }: Webhook): ApiError {
  const { service } = clientConfig;
  const url = `https://${service.name}.${service.namespace}.svc:443${service.path ?? "/"}?timeout=10s`;
  return new ApiError(
    500,
    `Internal error occurred: failed calling webhook "${name}": failed to call webhook: Post "${url}": dial tcp: connect: connection refused`,
  );
}

/** Has an object judged. Throws as the API server answers, at once: it does not wait for a webhook. */
export function admit(api: Api, object: KubeObject): void {
  const webhooks = webhooksFor(api, object);
  if (webhooks.length === 0) return;
  const pods = listPods(api);
  for (const webhook of webhooks) {
    const at = servesAt(api, webhook, pods);
    if (at === undefined || at > simulatedNow(api.rack)) {
      if (webhook.failurePolicy === "Ignore") continue;
      throw unanswered(webhook);
    }
    const denial = verdict(api, object);
    if (denial !== undefined)
      throw new ApiError(403, `admission webhook "${webhook.name}" denied the request: ${denial}`);
  }
}

/** When an object would be judged by all webhooks that want to: for whoever asks again and again. */
export function judgedAt(api: Api, object: KubeObject, pods: readonly Pod[]): number | undefined {
  const moments = webhooksFor(api, object).map((webhook) => servesAt(api, webhook, pods));
  return moments.some((at) => at === undefined) ? undefined : Math.max(0, ...moments.flatMap((at) => at ?? []));
}
