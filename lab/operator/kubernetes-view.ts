// Objects as the API server shows them: nodes and pods are worked out by the model, everything else is what was stored, with its status.
import { simulatedNow } from "../rack/clock.ts";
import { type ClusterNode, clusterNodes } from "../rack/kubernetes/cluster-nodes.ts";
import { goneNodes } from "../rack/kubernetes/node-objects.ts";
import { type Api, type KubeObject, listAll } from "../rack/kubernetes/objects.ts";
import { listPods, type Pod } from "../rack/kubernetes/pods.ts";
import { readinessOf, statusOf } from "../rack/kubernetes/readiness.ts";

/** Any object, as JSON. */
export type View = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
};

/** Whether a node is Ready now. */
export function isReady(api: Api, node: ClusterNode): boolean {
  return node.readyAt !== undefined && node.readyAt <= simulatedNow(api.rack);
}

function nodeView(api: Api, node: ClusterNode): View {
  const ready = isReady(api, node);
  const { marks, talos } = node;
  return {
    kind: "Node",
    metadata: {
      name: node.name,
      labels: node.labels,
      ...{ annotations: { ...talos.config?.annotations, ...marks.annotations } },
    },
    spec: marks.isCordoned ? { unschedulable: true } : {},
    status: {
      conditions: [{ type: "Ready", status: ready ? "True" : "False", message: node.problem ?? "" }],
      addresses: [{ type: "InternalIP", address: node.address }],
      nodeInfo: {
        kubeletVersion: talos.config?.kubernetesVersion ?? "",
        osImage: `Talos (${talos.installation?.version ?? ""})`,
      },
    },
  };
}

function podView(api: Api, pod: Pod): View {
  const ready = "at" in pod.readiness && pod.readiness.at <= simulatedNow(api.rack);
  return {
    kind: "Pod",
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      labels: pod.labels,
      ...{ ownerReferences: [{ kind: pod.owner.object.kind }] },
    },
    spec: pod.node === undefined ? {} : { nodeName: pod.node.name },
    status: {
      phase: pod.node === undefined ? "Pending" : "Running",
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    },
  };
}

const singular = (word: string) =>
  ({
    no: "node",
    po: "pod",
    pdb: "poddisruptionbudget",
    cm: "configmap",
    deploy: "deployment",
    pvc: "persistentvolumeclaim",
  })[word] ??
  // The group that may follow says nothing here.
  word.replace(/\..*/, "").replace(/s$/, "");

/** All objects of a kind, by the name people type: `nodes`, `deployments`, `cm`. */
export function viewsOf(api: Api, word: string): View[] {
  const kind = singular(word.toLowerCase());
  if (kind === "node") {
    const gone = goneNodes(api.rack, api.cluster).map(
      (name): View => ({
        kind: "Node",
        metadata: { name },
        status: { conditions: [{ type: "Ready", status: "Unknown" }] },
      }),
    );
    return [...clusterNodes(api.rack, api.cluster).map((node) => nodeView(api, node)), ...gone];
  }
  const pods = listPods(api);
  if (kind === "pod") return pods.map((pod) => podView(api, pod));
  return listAll(api)
    .filter(({ object }) => object.kind.toLowerCase() === kind)
    .map((stored) => {
      const readiness = readinessOf(api, stored, pods);
      const ready = "at" in readiness && readiness.at <= simulatedNow(api.rack);
      const status = statusOf(stored, ready, pods);
      return { ...(stored.object as KubeObject & View), ...(status === undefined ? {} : { status }) };
    });
}
