// Resources and functions of the modules `cluster` and `client`: kubeconfig, health, talosconfig.
import { stringify } from "yaml";
import { fn, NotYet, resource } from "../../plugin/contract.ts";
import { calendar, jumpTo } from "../../rack/clock.ts";
import type { Rack } from "../../rack/store.ts";
import { endOf } from "../../rack/talos/certificate.ts";
import { healthProblem } from "../../rack/talos/health.ts";
import { issueKubeconfig, type Kubeconfig } from "../../rack/talos/kubeconfig.ts";
import { nodeAt } from "../../rack/talos/nodes.ts";
import { type ClientConfiguration, decode } from "../../rack/talos/secrets.ts";
import { openConfigured } from "../../rack/talos/talos-api.ts";
import { parseDurationSec } from "./durations.ts";
import { callOf } from "./machine.ts";

interface KubeconfigInputs {
  node: string;
  endpoint?: string;
  clientConfiguration: ClientConfiguration;
  certificateRenewalDuration?: string;
  timeouts?: { create?: string; update?: string; read?: string };
}

interface KubeconfigOutputs {
  endpoint: string;
  certificateRenewalDuration: string;
  kubeconfigRaw: string;
  kubernetesClientConfiguration: { host: string; caCertificate: string; clientCertificate: string; clientKey: string };
}

function outputsOf(inputs: KubeconfigInputs, kubeconfig: Kubeconfig): KubeconfigOutputs {
  const { raw, host, caCertificate, clientCertificate, clientKey } = kubeconfig;
  return {
    endpoint: inputs.endpoint ?? inputs.node,
    certificateRenewalDuration: inputs.certificateRenewalDuration ?? DEFAULT_RENEWAL,
    kubeconfigRaw: raw,
    kubernetesClientConfiguration: { host, caCertificate, clientCertificate, clientKey },
  };
}

const DEFAULT_RENEWAL = "720h";

function isEnding(rack: Rack, inputs: KubeconfigInputs, certificate: string | undefined): boolean {
  if (certificate === undefined) return true;
  const renewalSec = parseDurationSec(inputs.certificateRenewalDuration ?? DEFAULT_RENEWAL) ?? 0;
  return endOf(decode(certificate)).getTime() - calendar(rack).getTime() < renewalSec * 1000;
}

export const kubeconfig = resource<KubeconfigInputs, KubeconfigInputs & Partial<KubeconfigOutputs>>({
  latencyMs: { create: 500, update: 500 },
  volatile: ["kubeconfigRaw", "kubernetesClientConfiguration"],
  outdated: (rack, state) =>
    isEnding(rack, state, state.kubernetesClientConfiguration?.clientCertificate) ? ["kubeconfigRaw"] : [],
  create({ rack }, inputs) {
    const issued = issueKubeconfig(rack, callOf(inputs, inputs.timeouts?.create));
    return { id: issued.clusterName, outputs: outputsOf(inputs, issued) };
  },
  read: (_, __, state) => ({ outputs: state }),
  update({ rack }, _, inputs, state) {
    const { kubeconfigRaw, kubernetesClientConfiguration } = state;
    if (!isEnding(rack, inputs, kubernetesClientConfiguration?.clientCertificate)) {
      return {
        ...inputs,
        ...(kubeconfigRaw && { kubeconfigRaw }),
        ...(kubernetesClientConfiguration && { kubernetesClientConfiguration }),
      };
    }
    return outputsOf(inputs, issueKubeconfig(rack, callOf(inputs, inputs.timeouts?.update)));
  },
  delete() {},
});

export const getKubeconfig = fn<KubeconfigInputs, KubeconfigOutputs & { id: string }>({
  call({ rack }, args) {
    const issued = issueKubeconfig(rack, callOf(args, args.timeouts?.read));
    return { id: issued.clusterName, ...outputsOf(args, issued) };
  },
});

interface HealthArgs {
  clientConfiguration: ClientConfiguration;
  controlPlaneNodes: string[];
  endpoints: string[];
  workerNodes?: string[];
  skipKubernetesChecks?: boolean;
  timeouts?: { read?: string };
}

export const getHealth = fn<HealthArgs, { id: string }>({
  call({ rack }, args) {
    const timeoutSec = parseDurationSec(args.timeouts?.read) ?? 600;
    for (const endpoint of args.endpoints)
      openConfigured(rack, { node: endpoint, client: args.clientConfiguration, timeoutSec }, "Health");
    const { controlPlaneNodes, workerNodes = [], skipKubernetesChecks = false } = args;
    // It asks every node, and so waits for those that still start.
    const starting = [...controlPlaneNodes, ...workerNodes].flatMap((address) => nodeAt(rack, address) ?? []);
    jumpTo(
      rack,
      Math.max(
        0,
        ...starting.map(({ stage, installation }) => (stage === "booting" ? (installation?.runsFrom ?? 0) : 0)),
      ),
    );
    const problem = healthProblem(rack, { controlPlaneNodes, workerNodes, skipKubernetesChecks });
    if (problem !== undefined) throw new NotYet(`cluster health check failed: ${problem}`, timeoutSec);
    return { id: "cluster_health" };
  },
});

interface TalosconfigArgs {
  clusterName: string;
  clientConfiguration: ClientConfiguration;
  endpoints?: string[];
  nodes?: string[];
}

export const getTalosconfig = fn<TalosconfigArgs, { id: string; talosConfig: string }>({
  call(_, { clusterName, clientConfiguration, endpoints = [], nodes = [] }) {
    const { caCertificate, clientCertificate, clientKey } = clientConfiguration;
    const context = { endpoints, nodes, ca: caCertificate, crt: clientCertificate, key: clientKey };
    return {
      id: clusterName,
      talosConfig: stringify({ context: clusterName, contexts: { [clusterName]: context } }, { lineWidth: 0 }),
    };
  },
});
