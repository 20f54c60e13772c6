// The connections themselves, by custom resource or by the command line, and the proof that every pair has its path.
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import * as pulumi from "@pulumi/pulumi";
import { connectionSpec } from "./interface-label.ts";
import { createLinstorJob } from "./linstor-job.ts";
import { linstorNamespace, linstorPod } from "./linstor-pod.ts";
import { type PathsPlan, renderCreatePaths, renderVerifyPaths } from "./paths.ts";

/** Arguments of {@link NodeConnections}. Declare it only after every interface is registered. */
export interface NodeConnectionsArgs {
  readonly plan: PathsPlan;
}

/** Done once both ends of every pair replicate over the planned interface, and over none that nobody wants. */
export class NodeConnections extends pulumi.ComponentResource {
  static readonly type = "homelab:storage:NodeConnections";

  constructor(name: string, args: NodeConnectionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(NodeConnections.type, name, { plan: args.plan }, opts);
    const { plan } = args;
    const made =
      plan.method === "crd" ? this.#byResource(name, plan) : [this.#byScript(name, "create", renderCreatePaths(plan))];
    this.#byScript(name, "verify", renderVerifyPaths(plan), made);
    this.registerOutputs({});
  }

  #byResource(name: string, plan: PathsPlan): pulumi.Resource[] {
    return plan.connections
      .filter(({ pairs }) => pairs.length > 0)
      .map(
        (connection) =>
          new CustomResource(
            `${name}-${connection.name}`,
            {
              apiVersion: "piraeus.io/v1",
              kind: "LinstorNodeConnection",
              metadata: { name: connection.name, annotations: { "pulumi.com/waitFor": "condition=Configured" } },
              spec: connectionSpec(connection),
            },
            { parent: this },
          ),
      );
  }

  /** `Configured` says that nothing failed, not that every pair was there: the script looks. */
  #byScript(name: string, verb: string, script: string, dependsOn: pulumi.Resource[] = []): pulumi.Resource {
    const job = `${verb}-paths`;
    const metadata = { name: job, namespace: linstorNamespace };
    const scripts = new ConfigMap(`${name}-${verb}-script`, { metadata, data: { "run.sh": script } }, { parent: this });
    const pod = linstorPod(scripts.metadata.name, "run.sh");
    return createLinstorJob(`${name}-${verb}`, { job, script, pod }, { parent: this, dependsOn });
  }
}
