// The pod that runs a LINSTOR script: the same for a Job and for a CronJob.
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { images } from "../../plan/versions.ts";

/** Where piraeus installs the controller, and what everything of it lies in. */
export const linstorNamespace = "piraeus-datastore";

/** Service of the controller, plain REST inside the cluster. */
const controllerUrl = `http://linstor-controller.${linstorNamespace}.svc:3370`;

/** A pod that runs `key` of a ConfigMap of scripts and, when that has succeeded, further containers. */
export function linstorPod(
  scripts: pulumi.Input<string>,
  key: string,
  then?: { readonly account: pulumi.Input<string>; readonly container: k8s.types.input.core.v1.Container },
): k8s.types.input.core.v1.PodSpec {
  const script = {
    name: "linstor",
    image: images.linstorClient,
    command: ["sh", `/scripts/${key}`],
    env: [{ name: "LS_CONTROLLERS", value: controllerUrl }],
    ...limits,
    volumeMounts: [{ name: "scripts", mountPath: "/scripts" }],
  };
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: then !== undefined,
    ...(then === undefined ? {} : { serviceAccountName: then.account, initContainers: [script] }),
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [then === undefined ? script : { ...limits, ...then.container }],
    volumes: [{ name: "scripts", configMap: { name: scripts } }],
  };
}

const limits = {
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } },
};
