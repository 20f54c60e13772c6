// Registers the replication interfaces on the satellites: now, and every few minutes, for a satellite that has lost its own.
import type * as k8s from "@pulumi/kubernetes";
import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole.js";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js";
import * as pulumi from "@pulumi/pulumi";
import type { LinstorPlan } from "../../plan/plan.ts";
import { labelArguments } from "./interface-label.ts";
import { createLinstorJob } from "./linstor-job.ts";
import { linstorNamespace, linstorPod } from "./linstor-pod.ts";
import { renderRegisterInterfaces } from "./register-interfaces.ts";

/** Arguments of {@link InterfaceRegistration}. */
export interface InterfaceRegistrationArgs {
  readonly plan: Pick<LinstorPlan, "interfaces">;
  /** With its `v`: `kubectl` is as new as the API. */
  readonly kubernetesVersion: string;
}

const jobName = "register-interfaces";
/** Five minutes: images are pulled on every node before its satellite is online. */
const patientTries = 60;

/** Done once every satellite has its interfaces and its node says so by a label. */
export class InterfaceRegistration extends pulumi.ComponentResource {
  static readonly type = "homelab:storage:InterfaceRegistration";

  constructor(name: string, args: InterfaceRegistrationArgs, opts?: pulumi.ComponentResourceOptions) {
    super(InterfaceRegistration.type, name, { plan: args.plan }, opts);
    const { interfaces } = args.plan;
    const child = { parent: this };
    const script = renderRegisterInterfaces({ interfaces, tries: patientTries });
    const scripts = new ConfigMap(
      `${name}-scripts`,
      {
        metadata: { name: jobName, namespace: linstorNamespace },
        data: { "register.sh": script, "repair.sh": renderRegisterInterfaces({ interfaces, tries: 1 }) },
      },
      child,
    );
    const permission = this.#permit(name);
    const label = {
      name: "label",
      image: `registry.k8s.io/kubectl:${args.kubernetesVersion}`,
      command: ["kubectl", ...labelArguments(args.plan)],
    };
    const pod = (key: string): k8s.types.input.core.v1.PodSpec =>
      linstorPod(scripts.metadata.name, key, { account: jobName, container: label });
    createLinstorJob(
      `${name}-job`,
      { job: jobName, script, pod: pod("register.sh") },
      { parent: this, dependsOn: permission },
    );
    new CronJob(
      `${name}-repair`,
      {
        metadata: { name: "repair-interfaces", namespace: linstorNamespace },
        spec: {
          schedule: "*/5 * * * *",
          concurrencyPolicy: "Forbid",
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          jobTemplate: { spec: { activeDeadlineSeconds: 240, backoffLimit: 0, template: { spec: pod("repair.sh") } } },
        },
      },
      { parent: this, dependsOn: permission },
    );
    this.registerOutputs({});
  }

  /** Lets the Job label nodes. */
  #permit(name: string): pulumi.Resource {
    const child = { parent: this };
    const metadata = { name: `linstor-${jobName}` };
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: { name: jobName, namespace: linstorNamespace } },
      child,
    );
    const role = new ClusterRole(
      `${name}-role`,
      { metadata, rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "patch"] }] },
      child,
    );
    return new ClusterRoleBinding(
      `${name}-binding`,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace: linstorNamespace }],
      },
      child,
    );
  }
}
