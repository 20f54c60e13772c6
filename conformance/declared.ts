// What a stack declares, taken down under Pulumi's mocks: every resource with its inputs, as the engine would hand them to the plug-ins.
import * as pulumi from "@pulumi/pulumi";
import type { Connections } from "../config/connections.ts";
import type { Plan } from "../plan/plan.ts";
import { buildHomelab } from "../stacks/homelab.ts";
import { buildMetal } from "../stacks/ms01.ts";
import { type RecordedResource, type Recording, recordResources } from "../test/support/record-resources.ts";

/** Credentials of the form the real ones have; nothing is reached with them. */
const connections = (): Connections => ({
  proxmox: { endpoint: "https://192.0.2.10:8006/", apiToken: pulumi.secret("root@pam!pulumi=0"), insecure: false },
  ssh: { user: "root", privateKey: pulumi.secret("key"), hostKeys: {} },
  imageFactoryUrl: "https://factory.talos.dev",
  protect: true,
  operatorEnvironment: {},
});

const pair = { cert: "certificate", key: "key" };
const machineSecrets = {
  certs: { etcd: pair, k8s: pair, k8sAggregator: pair, k8sServiceaccount: { key: "key" }, os: pair },
  cluster: { id: "id", secret: "secret" },
  secrets: { bootstrapToken: "token", secretboxEncryptionSecret: "secret" },
  trustdinfo: { token: "token" },
};
const client = { caCertificate: "ca", clientCertificate: "certificate", clientKey: "key" };
const kubeconfig = "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n";

/** What the plug-ins would add to a resource, by type. */
const created: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "talos:machine/secrets:Secrets": { clientConfiguration: client, machineSecrets },
  "talos:cluster/kubeconfig:Kubeconfig": { kubeconfigRaw: kubeconfig },
  "talos:imageFactory/schematic:Schematic": {
    id: "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba",
  },
  "command:remote:Command": { stdout: "{}", stderr: "" },
  "command:local:Command": { stdout: "{}", stderr: "" },
};

/** What the plug-ins would answer, by function. */
const answers = {
  "talos:machine/getConfiguration:getConfiguration": () => ({ machineConfiguration: "version: v1alpha1\n" }),
  "talos:client/getConfiguration:getConfiguration": () => ({ talosConfig: "context: homelab\n" }),
  "talos:cluster/getHealth:getHealth": () => ({ id: "cluster_health" }),
};

/** Declares a whole stack. */
export function declareStack(plan: Plan): Promise<Recording> {
  const build = plan.platform === "metal" ? buildMetal : buildHomelab;
  return recordResources(() => build(plan, connections()), {
    state: ({ type }) => created[type] ?? {},
    calls: answers,
  });
}

/** Resources of one provider, e.g. `proxmoxve`. Components and providers are none. */
export function resourcesOf(recording: Recording, provider: string): RecordedResource[] {
  return recording.resources.filter(({ type }) => type.startsWith(`${provider}:`));
}

/** Inputs as a plug-in gets them: what is secret is there, but in the clear. */
export function plainInputs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainInputs);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "secret") return plainInputs(only[1]);
  return Object.fromEntries(entries.map(([key, field]) => [key, plainInputs(field)]));
}
