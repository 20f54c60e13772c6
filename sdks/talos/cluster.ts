// Module `cluster` of the talos package: what can be asked of a bootstrapped cluster.
import * as pulumi from "@pulumi/pulumi";
import type { ClientConfiguration } from "./client.ts";
import { invokeOptions, resourceOptions } from "./package-options.ts";

/** The administrator's access to Kubernetes, taken apart. */
export interface KubernetesClientConfiguration {
  /** `https://<endpoint>:6443`. */
  readonly host: string;
  readonly caCertificate: string;
  readonly clientCertificate: string;
  /** Secret. */
  readonly clientKey: string;
}

/** Arguments of {@link Kubeconfig}. */
export interface KubeconfigArgs {
  /** Control-plane node that is asked. */
  node: pulumi.Input<string>;
  clientConfiguration: pulumi.Input<ClientConfiguration>;
  /** @default - the node */
  endpoint?: pulumi.Input<string>;
  /** How long before its end the certificate is issued anew, as a Go duration. @default - 720h */
  certificateRenewalDuration?: pulumi.Input<string>;
  timeouts?: pulumi.Input<{ create?: string; update?: string }>;
}

/** The kubeconfig of a bootstrapped cluster. */
export class Kubeconfig extends pulumi.CustomResource {
  declare readonly certificateRenewalDuration: pulumi.Output<string>;
  declare readonly clientConfiguration: pulumi.Output<ClientConfiguration>;
  declare readonly endpoint: pulumi.Output<string>;
  /** The file itself. Secret. */
  declare readonly kubeconfigRaw: pulumi.Output<string>;
  declare readonly kubernetesClientConfiguration: pulumi.Output<KubernetesClientConfiguration>;
  declare readonly node: pulumi.Output<string>;

  constructor(name: string, args: KubeconfigArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "talos:cluster/kubeconfig:Kubeconfig",
      name,
      {
        certificateRenewalDuration: args.certificateRenewalDuration,
        clientConfiguration: args.clientConfiguration,
        endpoint: args.endpoint,
        node: args.node,
        timeouts: args.timeouts,
        kubeconfigRaw: undefined,
        kubernetesClientConfiguration: undefined,
      },
      resourceOptions(opts, ["kubeconfigRaw"]),
    );
  }
}

/** Arguments of {@link getHealthOutput}. */
export interface GetHealthOutputArgs {
  clientConfiguration: pulumi.Input<ClientConfiguration>;
  /** Addresses the Talos API is reached at. */
  endpoints: pulumi.Input<pulumi.Input<string>[]>;
  controlPlaneNodes: pulumi.Input<pulumi.Input<string>[]>;
  workerNodes?: pulumi.Input<pulumi.Input<string>[]>;
  /** True: Talos and etcd only. */
  skipKubernetesChecks?: pulumi.Input<boolean>;
  timeouts?: pulumi.Input<{ read?: string }>;
}

/** Result of {@link getHealthOutput}. */
export interface GetHealthResult {
  readonly id: string;
  readonly clientConfiguration: ClientConfiguration;
  readonly controlPlaneNodes: string[];
  readonly endpoints: string[];
  readonly workerNodes?: string[];
  readonly skipKubernetesChecks?: boolean;
}

/**
 * Waits until the cluster is healthy, or fails. It runs as soon as its inputs are known, in a preview too: an input that is known
 * while the cluster is down fails the whole preview.
 */
export function getHealthOutput(
  args: GetHealthOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetHealthResult> {
  return pulumi.runtime.invokeOutput(
    "talos:cluster/getHealth:getHealth",
    {
      clientConfiguration: args.clientConfiguration,
      controlPlaneNodes: args.controlPlaneNodes,
      endpoints: args.endpoints,
      skipKubernetesChecks: args.skipKubernetesChecks,
      timeouts: args.timeouts,
      workerNodes: args.workerNodes,
    },
    invokeOptions(opts),
  );
}
