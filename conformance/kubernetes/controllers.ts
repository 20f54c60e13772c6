// What makes a cluster of an API server: the controller manager with the flags that Talos gives it, a scheduler, and kwok, which plays the
// kubelets of nodes that are not there.
import { ensureProgram } from "../build-program.ts";
import type { KubernetesObject } from "../charts/render-chart.ts";
import type { ConfigurationView } from "../talos/judge.ts";
import type { ApiServer } from "./api-server.ts";

/** A node, as Talos reads its configuration. */
export interface NodeConfiguration {
  readonly name: string;
  readonly role: "controlplane" | "worker";
  readonly view: ConfigurationView;
}

/**
 * Flags of the controller manager on a control plane: those of Talos 1.13 that say what it does (control_plane_static_pod.go), and the
 * configuration's own.
 */
export function controllerManagerFlags(view: ConfigurationView): string[] {
  const flags: Record<string, readonly string[]> = {
    "allocate-node-cidrs": ["true"],
    "cluster-cidr": [view.podSubnets.join(",")],
    "service-cluster-ip-range": [view.serviceSubnets.join(",")],
    controllers: ["*,tokencleaner"],
    "configure-cloud-routes": ["false"],
    ...view.controllerManagerArgs,
  };
  return Object.entries(flags).flatMap(([name, values]) => values.map((value) => `--${name}=${value}`));
}

/** Starts the controller manager. */
export async function startControllerManager(server: ApiServer, flags: readonly string[]): Promise<void> {
  const kubeconfig = server.kubeconfig("kube-controller-manager");
  server.processes.start("kube-controller-manager", await ensureProgram("kubernetes"), [
    "kube-controller-manager",
    `--kubeconfig=${kubeconfig}`,
    "--bind-address=127.0.0.1",
    "--secure-port=0",
    "--leader-elect=false",
    "--use-service-account-credentials",
    `--root-ca-file=${server.files.certificate}`,
    `--service-account-private-key-file=${server.files.serviceAccountKey}`,
    ...flags,
  ]);
}

/** Starts the scheduler and kwok: from now on pods get a node and run, as far as the API can tell. */
export async function startNodes(server: ApiServer, nodes: readonly NodeConfiguration[]): Promise<void> {
  const { processes } = server;
  for (const node of nodes) {
    const { status, body } = await server.api.send("POST", "/api/v1/nodes", nodeObject(node));
    if (status !== 201) throw new Error(`node ${node.name}: ${status} ${body["message"]}`);
  }
  const kubeconfig = server.kubeconfig("nodes");
  processes.start("kube-scheduler", await ensureProgram("kubernetes"), [
    "kube-scheduler",
    `--kubeconfig=${kubeconfig}`,
    "--bind-address=127.0.0.1",
    "--secure-port=0",
    "--leader-elect=false",
  ]);
  processes.start(
    "kwok",
    await ensureProgram("kwok"),
    // A node's port would be one of this machine, on all its addresses.
    [`--kubeconfig=${kubeconfig}`, "--manage-all-nodes=true", "--node-lease-duration-seconds=40", "--node-port=0"],
    // Not the settings of whoever runs this.
    { ...process.env, KWOK_WORKDIR: processes.folder },
  );
  await processes.until("every node is ready", async () => {
    const { body } = await server.api.send("GET", "/api/v1/nodes");
    const ready = (body["items"] as { status?: { conditions?: { type: string; status: string }[] } }[]).filter((node) =>
      node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
    );
    return ready.length === nodes.length || undefined;
  });
}

/** As the kubelet registers it. */
function nodeObject({ name, role, view }: NodeConfiguration): KubernetesObject {
  const controlPlane = "node-role.kubernetes.io/control-plane";
  const tainted = role === "controlplane" && !view.workloadsAnywhere;
  const room = {
    cpu: "64",
    memory: "256Gi",
    "ephemeral-storage": "1Ti",
    pods: String(view.kubeletConfig.maxPods ?? 110),
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        ...(role === "controlplane" ? { [controlPlane]: "" } : {}),
        ...view.labels,
      },
      annotations: view.annotations,
    },
    spec: tainted ? { taints: [{ key: controlPlane, effect: "NoSchedule" }] } : {},
    status: {
      addresses: [
        ...view.nodeAddresses.map((address) => ({ type: "InternalIP", address })),
        { type: "Hostname", address: name },
      ],
      capacity: room,
      allocatable: room,
    },
  };
}
