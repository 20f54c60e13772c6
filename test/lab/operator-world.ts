// A cluster whose nodes are Ready, and the machine of its operator: what the tests of scripts for that machine begin with.
import { stringify } from "yaml";
import { ciliumValues } from "../../components/cilium.ts";
import type { Outputs } from "../../lab/host/script-outputs.ts";
import { runOperatorScript } from "../../lab/operator/operator-machine.ts";
import type { Plan } from "../../plan/plan.ts";
import { charts } from "../../plan/versions.ts";
import { type ClusterWorld, clusterWorld, T } from "./talos-world.ts";

/** The world, and a shell in it. */
export interface OperatorWorld extends ClusterWorld {
  /** Variables every script is given. */
  readonly environment: Readonly<Record<string, string>>;
  run(script: string, variables?: Readonly<Record<string, string>>): Promise<Outputs>;
}

/** A Ready cluster. @param given default: the homelab's plan */
export async function operatorWorld(given?: Plan): Promise<OperatorWorld> {
  const world = await clusterWorld(given);
  const { plan, rack } = world;
  const { chart, repository, version } = charts.cilium;
  await world.kubernetes.create(T.release, {
    name: "cilium",
    namespace: "kube-system",
    chart,
    version,
    repositoryOpts: { repo: repository },
    values: ciliumValues(plan.cilium) as never,
    timeout: 600,
    atomic: true,
  });
  const environment = operatorEnvironment(world);
  return {
    ...world,
    environment,
    run: (script, variables = {}) => runOperatorScript(rack, { script, environment: { ...environment, ...variables } }),
  };
}

/** Variables every script for the operator's machine is given. */
export function operatorEnvironment({ plan, secrets }: ClusterWorld): Readonly<Record<string, string>> {
  const { caCertificate: ca, clientCertificate: crt, clientKey: key } = secrets.clientConfiguration;
  const name = plan.cluster.name;
  return {
    HTTPS_PROXY: "http://test.rack.invalid",
    TALOSCONFIG_TEXT: stringify(
      { context: name, contexts: { [name]: { endpoints: [], ca, crt, key } } },
      { lineWidth: 0 },
    ),
    CONTROL_PLANES: plan.nodes
      .filter(({ role }) => role === "controlplane")
      .map((node) => node.managementAddress)
      .join(" "),
  };
}
