// What a request does: finds its endpoint, checks its parameters, works on the rack, and words what went wrong as pveproxy does.
import { type Context, InitializationFailed } from "../plugin/contract.ts";
import type { Rack } from "../rack/store.ts";
import { accessEndpoints } from "./access.ts";
import { aptEndpoints } from "./apt.ts";
import { cephEndpoints } from "./ceph.ts";
import { clusterEndpoints } from "./cluster.ts";
import type { Endpoint, Parameters } from "./endpoint.ts";
import { firewallOptionEndpoints } from "./firewall-options.ts";
import { firewallRuleEndpoints } from "./firewall-rules.ts";
import { firewallSetEndpoints } from "./firewall-sets.ts";
import { networkEndpoints } from "./network.ts";
import { nodeEndpoints } from "./nodes.ts";
import { qemuEndpoints } from "./qemu.ts";
import { findEndpoint, refusedParameters } from "./router.ts";
import { sdnEndpoints } from "./sdn.ts";
import { storageEndpoints } from "./storage.ts";
import { reasonOf, type Tasks, taskEndpoints } from "./tasks.ts";

/** What stands behind an API. */
interface Backend {
  readonly rack: Rack;
  readonly context: Context;
  readonly tasks: Tasks;
}

/** An answer; `status` 0: nobody answers, the way to the host is gone. */
interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly content: { readonly data: unknown; readonly errors?: Readonly<Record<string, string>> };
}

const ENDPOINTS: readonly Endpoint[] = [
  ...accessEndpoints,
  ...aptEndpoints,
  ...cephEndpoints,
  ...clusterEndpoints,
  ...firewallOptionEndpoints,
  ...firewallRuleEndpoints,
  ...firewallSetEndpoints,
  ...networkEndpoints,
  ...nodeEndpoints,
  ...qemuEndpoints,
  ...sdnEndpoints,
  ...storageEndpoints,
  ...taskEndpoints,
];

/** Answers one request that was let in. */
export function dispatch(backend: Backend, method: string, path: string, parameters: Parameters): Reply {
  const found = findEndpoint(ENDPOINTS, method, path);
  if (found === undefined) return failed({ status: 501, reason: `Method '${method} ${path}' not implemented` });
  const errors = refusedParameters(found.endpoint, parameters);
  if (Object.keys(errors).length > 0) return failed({ status: 400, reason: REFUSED, errors });
  const { rack, context, tasks } = backend;
  const answer = (): unknown =>
    found.endpoint.answer({
      context,
      path: found.path,
      parameters,
      task: (node, type, id, work) => tasks.run(node, type, id, () => rack.savepoint(work)),
      taskState: (upid) => tasks.state(upid),
    });
  try {
    const data = rack.transaction(() => stays(answer));
    return data instanceof InitializationFailed
      ? failed(failureOf(data))
      : { status: 200, reason: "OK", content: { data: data ?? null } };
  } catch (error) {
    return failed(failureOf(error));
  }
}

/** A change that is made although its answer is lost is handed on instead of thrown, so that it stays made. */
function stays(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof InitializationFailed) return error;
    throw error;
  }
}

const failed = ({ status, reason, errors }: Failure): Reply => ({
  status,
  reason,
  content: { data: null, ...(errors && { errors }) },
});

const REFUSED = "Parameter verification failed.";

interface Failure {
  readonly status: number;
  readonly reason: string;
  readonly errors?: Readonly<Record<string, string>>;
}

/** An error of the plug-in's, as the API would have worded it on the wire. */
function failureOf(error: unknown): Failure {
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes("failed to perform HTTP request")) return { status: 0, reason: reasonOf(error) };
  const [, status = "500"] = /received an HTTP (\d+) response/.exec(text) ?? [];
  const reason = reasonOf(error);
  const [, list] = /^Parameter verification failed\. \((.*)\)\)?$/s.exec(reason) ?? [];
  if (list === undefined) return { status: Number(status), reason };
  const errors = Object.fromEntries(
    list.split("; ").map((part): [string, string] => {
      const [name = "", ...why] = part.split(": ");
      return [name.replace(/^rules\[\d+\]\./, ""), why.join(": ")];
    }),
  );
  return { status: 400, reason: REFUSED, errors };
}
