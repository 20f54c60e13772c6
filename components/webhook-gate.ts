// Waiting for an admission webhook to answer. A chart's release is ready when its pods are, but a webhook serves only once its
// certificate is injected and its endpoint is programmed on the API server's node; for seconds to minutes the API server answers 500,
// which the Kubernetes provider does not retry (metallb#1597, #2566).
import { Job, type JobArgs } from "@pulumi/kubernetes/batch/v1/job.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole.js";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js";
import { Role } from "@pulumi/kubernetes/rbac/v1/role.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link WebhookGate}. */
export interface WebhookGateArgs {
  readonly namespace: pulumi.Input<string>;
  /** An object the webhook judges and accepts whatever exists already; it is never stored. */
  readonly probe: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: object;
    readonly spec: object;
  };
  /** Plural of the probe's kind, for its permission. */
  readonly resource: string;
  /** Whether the probe's kind lies outside of namespaces. @default - inside */
  readonly isClusterScoped?: boolean;
  /** What the webhook comes with, e.g. the chart's version: another one asks again. */
  readonly generation: string;
  /** With its `v`: the client is as new as the API. */
  readonly kubernetesVersion: string;
}

/**
 * Done once the API server has had an object admitted by the webhook. A Job inside the cluster asks by a server-side dry run: that is the
 * one question whose answer counts (endpoints that exist prove neither certificate nor route), and the Job is an ordinary
 * object that Pulumi awaits, so that nothing runs on the operator's machine and the kubeconfig leaves no trace there.
 */
export class WebhookGate extends pulumi.ComponentResource {
  static readonly type = "homelab:kubernetes:WebhookGate";

  constructor(name: string, args: WebhookGateArgs, opts?: pulumi.ComponentResourceOptions) {
    super(WebhookGate.type, name, { generation: args.generation }, opts);
    const metadata = { name: "webhook-gate", namespace: args.namespace };
    const child = { parent: this };
    const account = new ServiceAccount(`${name}-account`, { metadata }, child);
    const binding = this.#permit(name, args, account);
    const probe = new ConfigMap(
      `${name}-probe`,
      { metadata, data: { "probe.json": JSON.stringify(args.probe) } },
      child,
    );
    // The Job names the account only as text: without the binding its first attempts would be refused.
    new Job(`${name}-job`, jobInputs(args, probe), { parent: this, dependsOn: binding });
    this.registerOutputs({});
  }

  /** Lets the Job create the probe's kind, and nothing else. */
  #permit(name: string, args: WebhookGateArgs, account: ServiceAccount): pulumi.Resource {
    const child = { parent: this };
    const apiGroup = "rbac.authorization.k8s.io";
    const rules = [
      { apiGroups: [args.probe.apiVersion.split("/")[0] ?? ""], resources: [args.resource], verbs: ["create"] },
    ];
    const subjects = [{ kind: "ServiceAccount", name: account.metadata.name, namespace: args.namespace }];
    if (args.isClusterScoped === true) {
      // No namespace keeps these names apart.
      const metadata = { name: `webhook-gate-${args.resource}` };
      const role = new ClusterRole(`${name}-role`, { metadata, rules }, child);
      const roleRef = { apiGroup, kind: "ClusterRole", name: role.metadata.name };
      return new ClusterRoleBinding(`${name}-binding`, { metadata, roleRef, subjects }, child);
    }
    const metadata = { name: "webhook-gate", namespace: args.namespace };
    const role = new Role(`${name}-role`, { metadata, rules }, child);
    const roleRef = { apiGroup, kind: "Role", name: role.metadata.name };
    return new RoleBinding(`${name}-binding`, { metadata, roleRef, subjects }, child);
  }
}

function jobInputs(args: WebhookGateArgs, probe: ConfigMap): JobArgs {
  return {
    // One that has given up is replaced on the next run: looked at again, it would have failed for ever.
    metadata: { name: "webhook-gate", namespace: args.namespace, annotations: { "pulumi.com/replaceUnready": "true" } },
    spec: {
      // The image holds kubectl and no shell: repetition is the kubelet's (10 s, 20 s, 40 s …), ten minutes in all.
      activeDeadlineSeconds: 600,
      backoffLimit: 20,
      template: {
        metadata: { annotations: { "homelab/generation": args.generation } },
        spec: {
          restartPolicy: "OnFailure",
          serviceAccountName: "webhook-gate",
          securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "ask",
              image: `registry.k8s.io/kubectl:${args.kubernetesVersion}`,
              command: ["kubectl", "create", "--dry-run=server", "--filename", "/probe/probe.json"],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
              volumeMounts: [{ name: "probe", mountPath: "/probe" }],
            },
          ],
          volumes: [{ name: "probe", configMap: { name: probe.metadata.name } }],
        },
      },
    },
  };
}
