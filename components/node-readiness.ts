// The proof that a node does its work: a pod of its own that runs there and ends.
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NodePlan } from "../plan/plan.ts";

/** Arguments of {@link NodeReadiness}. */
export interface NodeReadinessArgs {
  readonly nodes: readonly Pick<NodePlan, "name">[];
  /** With its `v`: the pod's program is as new as the API. */
  readonly kubernetesVersion: string;
}

/** A node has ten minutes: it may still install itself, restart and fetch the network's images. */
const deadlineSeconds = 600;

/**
 * Done once every node has run a pod to its end: it has joined, has a pod network and may be scheduled on. Whether a node is Ready can be
 * asked too, but only from outside; a Job is an ordinary object that Pulumi awaits.
 */
export class NodeReadiness extends pulumi.ComponentResource {
  static readonly type = "homelab:kubernetes:NodeReadiness";

  constructor(name: string, args: NodeReadinessArgs, opts?: pulumi.ComponentResourceOptions) {
    super(NodeReadiness.type, name, { nodes: args.nodes.map((node) => node.name) }, opts);
    for (const node of args.nodes) {
      new k8s.batch.v1.Job(`${name}-${node.name}`, jobInputs(node.name, args.kubernetesVersion), { parent: this });
    }
    this.registerOutputs({});
  }
}

function jobInputs(node: string, kubernetesVersion: string): k8s.batch.v1.JobArgs {
  return {
    metadata: { name: `ready-${node}`, namespace: "kube-system" },
    spec: {
      activeDeadlineSeconds: deadlineSeconds,
      backoffLimit: 20,
      template: {
        spec: {
          restartPolicy: "OnFailure",
          nodeSelector: { "kubernetes.io/hostname": node },
          // Control planes without workloads are to be proved too; a node that is not ready keeps its taint and gets no pod.
          tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" }],
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "prove",
              image: `registry.k8s.io/kubectl:${kubernetesVersion}`,
              command: ["kubectl", "version", "--client"],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
            },
          ],
        },
      },
    },
  };
}
