// What a kubelet would give to MetalLB's programs: the environment of their pod, and the account they act as.
import type { ApiServer } from "../kubernetes/api-server.ts";

/** Where MetalLB lives. */
export const metallbNamespace = "metallb-system";

/** Where the API server is offered inside a namespace. */
export const apiPort = 6443;

/** A pod of MetalLB. */
export interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly nodeName: string;
    readonly serviceAccountName: string;
    readonly containers: readonly {
      readonly args: readonly string[];
      readonly env: readonly {
        readonly name: string;
        readonly value?: string;
        readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
      }[];
    }[];
  };
  readonly status: { readonly phase?: string };
}

/** The pods of a component of the chart that count as running. */
export async function runningPods({ api }: ApiServer, component: "controller" | "speaker"): Promise<Pod[]> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=metallb,app.kubernetes.io/component=${component}`);
  const { body } = await api.send("GET", `/api/v1/namespaces/${metallbNamespace}/pods?labelSelector=${selector}`);
  return (body["items"] as Pod[]).filter(({ status }) => status.phase === "Running");
}

/** The flags of a pod's first container, and its environment, with a kubeconfig of the pod's own account. */
export async function programOf(
  server: ApiServer,
  pod: Pod,
): Promise<{ readonly flags: readonly string[]; readonly environment: Record<string, string> }> {
  const { serviceAccountName, containers } = pod.spec;
  const path = `/api/v1/namespaces/${metallbNamespace}/serviceaccounts/${serviceAccountName}/token`;
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const { body } = await server.api.send("POST", path, request);
  const { token } = body["status"] as { token: string };
  const [container] = containers;
  const declared = (container?.env ?? []).map(({ name, value, valueFrom }) => [
    name,
    value ?? field(pod, valueFrom?.fieldRef?.fieldPath ?? ""),
  ]);
  const environment = {
    ...Object.fromEntries(declared),
    METALLB_NAMESPACE: metallbNamespace,
    KUBECONFIG: server.kubeconfig(pod.metadata.name, token, apiPort),
    PATH: process.env["PATH"] ?? "",
  };
  return { flags: container?.args ?? [], environment };
}

const field = (pod: unknown, path: string): string =>
  String(path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], pod));
