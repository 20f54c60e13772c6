// Module `machine` of the talos package: secrets, configuration and bootstrap of nodes.
import * as pulumi from "@pulumi/pulumi";
import type { ClientConfiguration } from "./client.ts";
import type { MachineSecrets } from "./machine-secrets.ts";
import { invokeOptions, resourceOptions, secretInput } from "./package-options.ts";

export type { ClientConfiguration } from "./client.ts";
export type { MachineSecrets } from "./machine-secrets.ts";

/** Arguments of {@link Secrets}. */
export interface SecretsArgs {
  /** Version contract of the generated secrets, with its `v`; a change is only noted. */
  talosVersion?: pulumi.Input<string>;
}

/** Everything a cluster's trust rests on. Lost or replaced, the cluster is lost. */
export class Secrets extends pulumi.CustomResource {
  declare readonly clientConfiguration: pulumi.Output<ClientConfiguration>;
  declare readonly machineSecrets: pulumi.Output<MachineSecrets>;
  declare readonly talosVersion: pulumi.Output<string>;

  constructor(name: string, args: SecretsArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super(
      "talos:machine/secrets:Secrets",
      name,
      { talosVersion: args.talosVersion, clientConfiguration: undefined, machineSecrets: undefined },
      resourceOptions(opts),
    );
  }
}

/** When a changed configuration takes effect. */
export type ApplyMode = "auto" | "reboot" | "no_reboot" | "staged" | "staged_if_needing_reboot";

/** Arguments of {@link ConfigurationApply}. Of each pair with and without `Wo` (write-only) exactly one must be given. */
export interface ConfigurationApplyArgs {
  /** Address the node answers at. */
  node: pulumi.Input<string>;
  /** @default - the node */
  endpoint?: pulumi.Input<string>;
  clientConfiguration?: pulumi.Input<ClientConfiguration>;
  clientConfigurationWo?: pulumi.Input<ClientConfiguration>;
  machineConfigurationInput?: pulumi.Input<string>;
  machineConfigurationInputWo?: pulumi.Input<string>;
  configPatches?: pulumi.Input<pulumi.Input<string>[]>;
  /** @default - auto */
  applyMode?: pulumi.Input<ApplyMode>;
  onDestroy?: pulumi.Input<{ graceful?: boolean; reboot?: boolean; reset?: boolean }>;
  timeouts?: pulumi.Input<{ create?: string; update?: string; delete?: string }>;
}

/** Sends a node its configuration: over the maintenance API first, over mutual TLS afterwards. */
export class ConfigurationApply extends pulumi.CustomResource {
  declare readonly applyMode: pulumi.Output<string>;
  declare readonly clientConfiguration: pulumi.Output<ClientConfiguration | undefined>;
  declare readonly configPatches: pulumi.Output<string[] | undefined>;
  declare readonly endpoint: pulumi.Output<string>;
  /** What the node was sent. Secret. */
  declare readonly machineConfiguration: pulumi.Output<string>;
  declare readonly machineConfigurationHash: pulumi.Output<string>;
  declare readonly node: pulumi.Output<string>;
  declare readonly resolvedApplyMode: pulumi.Output<string>;

  constructor(name: string, args: ConfigurationApplyArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "talos:machine/configurationApply:ConfigurationApply",
      name,
      {
        applyMode: args.applyMode,
        clientConfiguration: args.clientConfiguration,
        clientConfigurationWo: secretInput(args.clientConfigurationWo),
        configPatches: args.configPatches,
        endpoint: args.endpoint,
        machineConfigurationInput: secretInput(args.machineConfigurationInput),
        machineConfigurationInputWo: secretInput(args.machineConfigurationInputWo),
        node: args.node,
        onDestroy: args.onDestroy,
        timeouts: args.timeouts,
        machineConfiguration: undefined,
        machineConfigurationHash: undefined,
        resolvedApplyMode: undefined,
      },
      resourceOptions(opts, [
        "clientConfigurationWo",
        "machineConfiguration",
        "machineConfigurationInput",
        "machineConfigurationInputWo",
      ]),
    );
  }
}

/** Arguments of {@link Bootstrap}. */
export interface BootstrapArgs {
  /** The one control-plane node that starts etcd. */
  node: pulumi.Input<string>;
  /** @default - the node */
  endpoint?: pulumi.Input<string>;
  clientConfiguration?: pulumi.Input<ClientConfiguration>;
  clientConfigurationWo?: pulumi.Input<ClientConfiguration>;
  timeouts?: pulumi.Input<{ create?: string }>;
}

/** Starts etcd on one node, once in the life of a cluster. */
export class Bootstrap extends pulumi.CustomResource {
  declare readonly clientConfiguration: pulumi.Output<ClientConfiguration | undefined>;
  declare readonly endpoint: pulumi.Output<string>;
  declare readonly node: pulumi.Output<string>;

  constructor(name: string, args: BootstrapArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "talos:machine/bootstrap:Bootstrap",
      name,
      {
        clientConfiguration: args.clientConfiguration,
        clientConfigurationWo: secretInput(args.clientConfigurationWo),
        endpoint: args.endpoint,
        node: args.node,
        timeouts: args.timeouts,
      },
      resourceOptions(opts, ["clientConfigurationWo"]),
    );
  }
}

/** Arguments of {@link getConfigurationOutput}. */
export interface GetConfigurationOutputArgs {
  clusterName: pulumi.Input<string>;
  /** `https://<host>:<port>`. */
  clusterEndpoint: pulumi.Input<string>;
  machineSecrets: pulumi.Input<MachineSecrets>;
  machineType: pulumi.Input<"controlplane" | "worker">;
  /** YAML documents, applied in order. */
  configPatches?: pulumi.Input<pulumi.Input<string>[]>;
  /** With its `v`. */
  kubernetesVersion?: pulumi.Input<string>;
  /** With its `v`. */
  talosVersion?: pulumi.Input<string>;
  /** Whether every field is explained in a comment. @default - true */
  docs?: pulumi.Input<boolean>;
  /** @default - true */
  examples?: pulumi.Input<boolean>;
}

/** Result of {@link getConfigurationOutput}. */
export interface GetConfigurationResult {
  readonly id: string;
  readonly clusterName: string;
  readonly clusterEndpoint: string;
  readonly machineType: string;
  readonly configPatches?: string[];
  /** Secret. */
  readonly machineConfiguration: string;
}

/** Renders a node's machine configuration and checks it; nothing is contacted. */
export function getConfigurationOutput(
  args: GetConfigurationOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetConfigurationResult> {
  return pulumi.runtime.invokeOutput(
    "talos:machine/getConfiguration:getConfiguration",
    {
      clusterEndpoint: args.clusterEndpoint,
      clusterName: args.clusterName,
      configPatches: args.configPatches,
      docs: args.docs,
      examples: args.examples,
      kubernetesVersion: args.kubernetesVersion,
      machineSecrets: args.machineSecrets,
      machineType: args.machineType,
      talosVersion: args.talosVersion,
    },
    invokeOptions(opts),
  );
}
