// Talos enforces the `baseline` pod-security level everywhere but in kube-system; what touches the host needs its namespace exempt.
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import type * as pulumi from "@pulumi/pulumi";

/** A namespace with the pod-security level its workloads need. */
export function createPodSecurityNamespace(
  resourceName: string,
  namespace: string,
  podSecurity: "privileged" | "baseline" | "restricted",
  opts: pulumi.CustomResourceOptions,
): Namespace {
  const labels = Object.fromEntries(
    ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity]),
  );
  return new Namespace(resourceName, { metadata: { name: namespace, labels } }, opts);
}
