// The local package against the official schema, as the table the lab keeps of it has it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as talos from "@pulumiverse/talos";
import { recordResources } from "../support/record-resources.ts";

interface Property {
  readonly secret?: boolean;
  readonly required?: boolean;
}
interface Entry {
  readonly inputs: Readonly<Record<string, Property>>;
  readonly outputs: Readonly<Record<string, Property>>;
}
const table = JSON.parse(readFileSync(join(import.meta.dirname, "../../lab/tables/talos.json"), "utf8")) as {
  version: string;
  resources: Record<string, Entry>;
  functions: Record<string, Entry>;
};

const client = { caCertificate: "ca", clientCertificate: "crt", clientKey: "key" };
const pair = { cert: "c", key: "k" };
const machineSecrets: talos.machine.MachineSecrets = {
  certs: { etcd: pair, k8s: pair, k8sAggregator: pair, k8sServiceaccount: { key: "k" }, os: pair },
  cluster: { id: "i", secret: "s" },
  secrets: { bootstrapToken: "t", secretboxEncryptionSecret: "e" },
  trustdinfo: { token: "t" },
};

/** Everything the package can declare or ask, with every input it has. */
function useAll(): void {
  const node = { node: "192.0.2.1", endpoint: "192.0.2.1", clientConfiguration: client };
  new talos.machine.Secrets("secrets", { talosVersion: "v1.13.0" });
  new talos.machine.ConfigurationApply("apply", {
    ...node,
    clientConfigurationWo: client,
    machineConfigurationInput: "config",
    machineConfigurationInputWo: "config",
    configPatches: ["{}"],
    applyMode: "auto",
    onDestroy: { reset: false },
    timeouts: { create: "1m" },
  });
  new talos.machine.Bootstrap("bootstrap", { ...node, clientConfigurationWo: client, timeouts: { create: "1m" } });
  new talos.cluster.Kubeconfig("kubeconfig", {
    ...node,
    certificateRenewalDuration: "720h",
    timeouts: { create: "1m" },
  });
  new talos.imagefactory.Schematic("schematic", { schematic: "{}" });
  talos.machine.getConfigurationOutput({
    clusterName: "c",
    clusterEndpoint: "https://192.0.2.1:6443",
    machineSecrets,
    machineType: "worker",
    configPatches: ["{}"],
    kubernetesVersion: "v1.35.0",
    talosVersion: "v1.13.0",
    docs: false,
    examples: false,
  });
  talos.client.getConfigurationOutput({
    clusterName: "c",
    clientConfiguration: client,
    endpoints: ["a"],
    nodes: ["a"],
  });
  talos.cluster.getHealthOutput({
    clientConfiguration: client,
    endpoints: ["a"],
    controlPlaneNodes: ["a"],
    workerNodes: ["b"],
    skipKubernetesChecks: true,
    timeouts: { read: "1m" },
  });
  talos.imagefactory.getUrlsOutput({
    schematicId: "s",
    talosVersion: "v1.13.0",
    platform: "metal",
    sbc: "rpi",
    architecture: "amd64",
  });
}

const answer = (): Record<string, unknown> => ({});
const recording = await recordResources(useAll, {
  calls: Object.fromEntries(Object.keys(table.functions).map((token) => [token, answer])),
});

describe("@pulumiverse/talos", () => {
  it("is the version whose schema it follows, and says which plug-in serves it", () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../sdks/talos/package.json"), "utf8"));
    assert.equal(manifest.version, table.version);
    assert.deepEqual(manifest.pulumi, {
      resource: true,
      name: "talos",
      version: table.version,
      server: "github://api.github.com/pulumiverse",
    });
  });

  it("declares the five resources under the official names, with exactly their inputs", () => {
    assert.deepEqual(recording.resources.map((one) => one.type).sort(), Object.keys(table.resources).sort());
    for (const { type, inputs } of recording.resources) {
      assert.deepEqual(Object.keys(inputs).sort(), Object.keys(table.resources[type]?.inputs ?? {}).sort(), type);
    }
  });

  it("asks four functions under the official names, with exactly their arguments", () => {
    assert.deepEqual(recording.calls.map((call) => call.token).sort(), [
      "talos:client/getConfiguration:getConfiguration",
      "talos:cluster/getHealth:getHealth",
      "talos:imageFactory/getUrls:getUrls",
      "talos:machine/getConfiguration:getConfiguration",
    ]);
    for (const { token, inputs } of recording.calls) {
      assert.deepEqual(Object.keys(inputs).sort(), Object.keys(table.functions[token]?.inputs ?? {}).sort(), token);
    }
  });

  it("keeps secret what the schema calls secret, on the way in and on the way out", () => {
    const secretsOf = (properties: Readonly<Record<string, Property>>): string[] =>
      Object.keys(properties).filter((key) => properties[key]?.secret === true);
    for (const { type, inputs, secretOutputs } of recording.resources) {
      const entry = table.resources[type];
      assert.ok(entry);
      const secretInputs = secretsOf(entry.inputs);
      const marked = Object.keys(inputs).filter((key) => JSON.stringify(inputs[key]).startsWith('{"secret":'));
      assert.deepEqual(marked.sort(), secretInputs.sort(), type);
      assert.deepEqual(secretOutputs, [...secretInputs, ...secretsOf(entry.outputs)].sort(), type);
    }
  });
});
