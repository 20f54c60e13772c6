// From booted Talos machines to a Kubernetes API that answers: secrets, configuration, bootstrap, access.
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import type { ClusterPlan, NodePlan } from "../plan/plan.ts";
import { kubeconfigThrough } from "./kubeconfig-proxy.ts";
import { renderInstallPatch, renderMachineConfigPatch, renderPassphrasePatch } from "./machine-config.ts";
import { type OperatorAccess, operatorCommand } from "./operator-access.ts";
import { renderWaitForCluster } from "./operator-scripts/wait-for-cluster.ts";
import type { TalosSecrets } from "./talos-secrets.ts";

/** Arguments of {@link TalosCluster}. */
export interface TalosClusterArgs {
  readonly cluster: ClusterPlan;
  readonly nodes: readonly NodePlan[];
  readonly secrets: TalosSecrets;
  readonly access: OperatorAccess;
  /** KubePrism, the API on every node's own loopback. */
  readonly kubePrismPort: number;
  /** Container image Talos installs itself from; it carries the schematic's id. */
  readonly installerImage: pulumi.Input<string>;
  /** What must exist before a node can be configured, by node name. @default - the nodes are up already (metal) */
  readonly machines?: Readonly<Record<string, pulumi.Resource>>;
  /** When a changed configuration takes effect. @default - `auto`: at once, with a reboot where Talos needs one */
  readonly applyMode?: talos.machine.ApplyMode;
  /** Passphrase of volumes whose key is static. */
  readonly diskPassphrase?: pulumi.Input<string>;
  /** Way to the Kubernetes API. @default - direct */
  readonly proxyUrl?: string;
  /** Whether the bootstrap refuses to be deleted. @default - true */
  readonly protect?: boolean;
}

/** A bootstrapped Talos cluster without a network plug-in: the API answers, nodes are not Ready yet. */
export class TalosCluster extends pulumi.ComponentResource {
  static readonly type = "homelab:kubernetes:TalosCluster";
  /** Administrator's access to Kubernetes, known only once etcd is healthy. Secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Administrator's access to the Talos API of every node. Secret. */
  readonly talosconfig: pulumi.Output<string>;
  /** A node's configuration, by its name. */
  readonly configurations: Readonly<Record<string, pulumi.Resource>>;
  /** `https://<address>:6443`. */
  readonly endpoint: pulumi.Output<string>;

  constructor(name: string, args: TalosClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TalosCluster.type, name, { cluster: args.cluster.name, nodes: args.nodes.map((node) => node.name) }, opts);
    const { cluster, nodes } = args;
    const protect = args.protect ?? true;
    const controlPlanes = nodes.filter((node) => node.role === "controlplane");
    const bootstrapNode = controlPlanes.find((node) => node.name === cluster.bootstrapNode);
    if (bootstrapNode === undefined)
      throw new Error(`bootstrap node ${cluster.bootstrapNode} is no control plane of the plan`);
    const node = bootstrapNode.managementAddress;

    const { clientConfiguration } = args.secrets;
    const applied = this.#configure(name, args);
    const bootstrap = new talos.machine.Bootstrap(
      `${name}-bootstrap`,
      { node, clientConfiguration },
      // The first member waits for the others: a control plane that is not configured yet could join late and stall the API.
      { parent: this, protect, dependsOn: controlPlanes.flatMap((plan) => applied.get(plan.name) ?? []) },
    );
    const kubeconfig = new talos.cluster.Kubeconfig(
      `${name}-kubeconfig`,
      // 90 days: certificates live for a year, and a rack may not be touched for a season.
      { node, clientConfiguration, certificateRenewalDuration: "2160h" },
      { parent: this, dependsOn: bootstrap },
    );
    // Not Kubernetes: without a network plug-in no node is Ready.
    const healthy = new command.local.Command(
      `${name}-healthy`,
      operatorCommand(args.access, {
        script: renderWaitForCluster(cluster.name),
        nodes,
        variables: { NODES: nodes.map((plan) => plan.managementAddress).join(" ") },
      }),
      { parent: this, dependsOn: [bootstrap, ...applied.values()] },
    );

    this.kubeconfig = pulumi.secret(
      pulumi
        .all([kubeconfig.kubeconfigRaw, healthy.stdout])
        .apply(([raw]) => (args.proxyUrl === undefined ? raw : kubeconfigThrough(args.proxyUrl, raw))),
    );
    this.talosconfig = pulumi.secret(
      talos.client.getConfigurationOutput(
        {
          clusterName: cluster.name,
          clientConfiguration,
          endpoints: controlPlanes.map((plan) => plan.managementAddress),
          nodes: nodes.map((plan) => plan.managementAddress),
        },
        { parent: this },
      ).talosConfig,
    );
    this.configurations = Object.fromEntries(applied);
    this.endpoint = pulumi.output(cluster.endpoint);
    this.registerOutputs({ kubeconfig: this.kubeconfig, talosconfig: this.talosconfig, endpoint: this.endpoint });
  }

  /**
   * Sends every node its configuration. What differs between nodes goes into `configPatches`, of which at most the last is secret: a
   * preview shows the very lines that change, where the generated configuration would only be `[secret] => [secret]`.
   */
  #configure(name: string, args: TalosClusterArgs): Map<string, talos.machine.ConfigurationApply> {
    const { cluster, kubePrismPort, secrets } = args;
    const { clientConfiguration } = secrets;
    const generated = new Map<NodePlan["role"], pulumi.Output<string>>();
    const generatedFor = (role: NodePlan["role"]): pulumi.Output<string> => {
      const configuration = generated.get(role) ?? this.#generate(cluster, role, secrets);
      generated.set(role, configuration);
      return configuration;
    };
    const applied = new Map<string, talos.machine.ConfigurationApply>();
    let previous: talos.machine.ConfigurationApply | undefined;
    for (const node of args.nodes) {
      const isControlPlane = node.role === "controlplane";
      const machine = args.machines?.[node.name];
      const apply = new talos.machine.ConfigurationApply(
        `${name}-${node.name}-configuration`,
        {
          node: node.managementAddress,
          clientConfiguration,
          machineConfigurationInput: generatedFor(node.role),
          configPatches: [
            renderMachineConfigPatch({ cluster, node, kubePrismPort }),
            pulumi.output(args.installerImage).apply((image) => renderInstallPatch(node, image)),
            ...passphrasePatches(node, args.diskPassphrase),
          ],
          applyMode: args.applyMode ?? "auto",
        },
        {
          parent: this,
          // One control plane after the other: what the first refuses never reaches the rest, and with it etcd's majority.
          dependsOn: [machine, isControlPlane ? previous : undefined].filter((resource) => resource !== undefined),
        },
      );
      applied.set(node.name, apply);
      if (isControlPlane) previous = apply;
    }
    return applied;
  }

  /** The configuration before patches: the same for all nodes of a role. */
  #generate(cluster: ClusterPlan, machineType: NodePlan["role"], secrets: TalosSecrets): pulumi.Output<string> {
    return talos.machine.getConfigurationOutput(
      {
        clusterName: cluster.name,
        clusterEndpoint: cluster.endpoint,
        machineSecrets: secrets.machineSecrets,
        machineType,
        kubernetesVersion: cluster.kubernetesVersion,
        talosVersion: secrets.versionContract,
        docs: false,
        examples: false,
      },
      { parent: this },
    ).machineConfiguration;
  }
}

/** Static keys of a node's volumes; most nodes have none. */
function passphrasePatches(
  { encryption }: NodePlan,
  passphrase: pulumi.Input<string> | undefined,
): pulumi.Output<string>[] {
  if (!Object.values(encryption).includes("static")) return [];
  return [pulumi.secret(passphrase ?? "").apply((text) => renderPassphrasePatch(encryption, text))];
}
