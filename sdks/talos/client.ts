// Module `client` of the talos package: the operator's own access to the nodes.
import * as pulumi from "@pulumi/pulumi";
import { invokeOptions } from "./package-options.ts";

/** Certificates that a client of the Talos API shows and trusts, base64 of PEM. */
export interface ClientConfiguration {
  readonly caCertificate: string;
  readonly clientCertificate: string;
  /** Secret. */
  readonly clientKey: string;
}

/** Arguments of {@link getConfigurationOutput}. */
export interface GetConfigurationOutputArgs {
  clusterName: pulumi.Input<string>;
  clientConfiguration: pulumi.Input<ClientConfiguration>;
  /** Addresses `talosctl` connects to. */
  endpoints?: pulumi.Input<pulumi.Input<string>[]>;
  /** Nodes `talosctl` talks about when `--nodes` is not given. */
  nodes?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Result of {@link getConfigurationOutput}. */
export interface GetConfigurationResult {
  readonly id: string;
  readonly clusterName: string;
  readonly clientConfiguration: ClientConfiguration;
  readonly endpoints?: string[];
  readonly nodes?: string[];
  /** The `talosconfig` file. Secret. */
  readonly talosConfig: string;
}

/** Renders a `talosconfig`; nothing is contacted. */
export function getConfigurationOutput(
  args: GetConfigurationOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetConfigurationResult> {
  return pulumi.runtime.invokeOutput(
    "talos:client/getConfiguration:getConfiguration",
    {
      clientConfiguration: args.clientConfiguration,
      clusterName: args.clusterName,
      endpoints: args.endpoints,
      nodes: args.nodes,
    },
    invokeOptions(opts),
  );
}
