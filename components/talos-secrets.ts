// What a cluster's trust rests on: its authorities and tokens, and the administrator's certificate for the Talos API.
import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { stringify } from "yaml";
import type { ClusterPlan } from "../plan/plan.ts";

/** Arguments of {@link TalosSecrets}. */
export interface TalosSecretsArgs {
  readonly cluster: ClusterPlan;
  /** Whether it refuses to be deleted: without it the cluster is lost. @default - true */
  readonly protect?: boolean;
  /** File of secrets to begin with, as `talosctl gen secrets` writes it. @default - new ones are made */
  readonly importFrom?: string;
}

/** What the provider says of secrets that it imported, whatever they were made with. */
const importedVersion = "v1.3";

/** The secrets of one cluster, made once and kept. The provider renews the administrator's certificate in its last month. */
export class TalosSecrets extends pulumi.ComponentResource {
  static readonly type = "homelab:talos:TalosSecrets";
  /** Secret. */
  readonly machineSecrets: pulumi.Output<talos.machine.MachineSecrets>;
  /** Secret. */
  readonly clientConfiguration: pulumi.Output<talos.machine.ClientConfiguration>;
  /** talosconfig without nodes or endpoints: it changes with the certificate only. Secret. */
  readonly operatorTalosconfig: pulumi.Output<string>;
  /** Version whose configuration format the cluster was made with. */
  readonly versionContract: pulumi.Output<string>;

  constructor(name: string, args: TalosSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, importFrom, protect } = args;
    super(TalosSecrets.type, name, { cluster: cluster.name }, opts);
    const secrets = new talos.machine.Secrets(
      `${name}-secrets`,
      { talosVersion: cluster.talosVersion },
      {
        parent: this,
        protect: protect ?? true,
        // The schema marks leaves as secret; the whole bundles are.
        additionalSecretOutputs: ["machineSecrets", "clientConfiguration"],
        // A contract, not a target: a node that still runs the older Talos would refuse what a newer one generates.
        ignoreChanges: ["talosVersion"],
        ...(importFrom === undefined ? {} : { import: importFrom }),
      },
    );
    this.machineSecrets = pulumi.secret(secrets.machineSecrets);
    this.clientConfiguration = pulumi.secret(secrets.clientConfiguration);
    this.operatorTalosconfig = pulumi.secret(
      this.clientConfiguration
        .apply(withoutMark)
        .apply(({ caCertificate: ca, clientCertificate: crt, clientKey: key }) =>
          stringify(
            { context: cluster.name, contexts: { [cluster.name]: { endpoints: [], ca, crt, key } } },
            { lineWidth: 0 },
          ),
        ),
    );
    this.versionContract = secrets.talosVersion.apply((version) =>
      version === importedVersion ? cluster.talosVersion : version,
    );
    this.registerOutputs({
      machineSecrets: this.machineSecrets,
      clientConfiguration: this.clientConfiguration,
      operatorTalosconfig: this.operatorTalosconfig,
      versionContract: this.versionContract,
    });
  }
}

/** A secret in which leaves are secret too: the SDK takes one mark off and hands the other on as `{ value }`. */
function withoutMark(configuration: talos.machine.ClientConfiguration): talos.machine.ClientConfiguration {
  return "value" in configuration ? (configuration.value as talos.machine.ClientConfiguration) : configuration;
}
