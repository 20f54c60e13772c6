import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import { parse } from "yaml";
import { renderInstallPatch, renderMachineConfigPatch } from "../../components/machine-config.ts";
import { TalosCluster, type TalosClusterArgs } from "../../components/talos-cluster.ts";
import { TalosSecrets } from "../../components/talos-secrets.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, type RecordOptions, recordResources, settled } from "../support/record-resources.ts";

const plan = homelabPlan();
const image = "factory.talos.dev/nocloud-installer/abc:v1.13.0";
const clientConfiguration = { caCertificate: "ca", clientCertificate: "crt", clientKey: "key" };
const kubeconfigRaw =
  "apiVersion: v1\nkind: Config\nclusters:\n  - name: homelab\n    cluster:\n      server: https://10.8.16.20:6443\n";
const access = { talosconfig: pulumi.secret("talosconfig"), environment: {} };
const secretOf = (secret: unknown): object => ({ secret });

const answers: Required<Pick<RecordOptions, "state" | "calls">> = {
  state: ({ type }) => {
    if (type === "talos:machine/secrets:Secrets")
      return { clientConfiguration, machineSecrets: { token: "hidden" }, talosVersion: "v1.12.0" };
    return type === "talos:cluster/kubeconfig:Kubeconfig" ? { kubeconfigRaw } : {};
  },
  calls: {
    "talos:machine/getConfiguration:getConfiguration": (inputs) => ({
      machineConfiguration: `generated ${String(inputs["machineType"])}`,
    }),
    "talos:client/getConfiguration:getConfiguration": () => ({ talosConfig: "talosconfig" }),
  },
};

async function build(
  change: Partial<TalosClusterArgs> = {},
  preview = false,
): Promise<{ recording: Recording; cluster: TalosCluster }> {
  let cluster: TalosCluster | undefined;
  const recording = await recordResources(
    () => {
      const provider = new talos.Provider("talos", { imageFactoryUrl: "https://factory.example.test" });
      const args = {
        secrets: new TalosSecrets("trust", { cluster: plan.cluster }, { providers: { talos: provider } }),
        access,
        cluster: plan.cluster,
        nodes: plan.nodes,
        kubePrismPort: 7445,
        installerImage: pulumi.output(image),
      };
      cluster = new TalosCluster("homelab", { ...args, ...change }, { providers: { talos: provider } });
    },
    { ...answers, preview },
  );
  assert.ok(cluster);
  return { recording, cluster };
}

describe("TalosCluster", () => {
  it("declares one configuration a node, one bootstrap and the kubeconfig, all its own and by its provider", async () => {
    const { recording } = await build();
    const children = recording.resources.filter((resource) => resource.parent === "homelab");
    assert.deepEqual(children.map((child) => child.name).sort(), [
      "homelab-bootstrap",
      "homelab-healthy",
      "homelab-kubeconfig",
      "homelab-talos-k8s-01-configuration",
      "homelab-talos-k8s-02-configuration",
      "homelab-talos-k8s-03-configuration",
    ]);
    assert.deepEqual(
      [...new Set(children.filter((child) => child.name !== "homelab-healthy").map((child) => child.provider))],
      ["talos"],
    );
  });

  it("keeps the passphrase of a node's volumes out of the patches that everybody may read", async () => {
    const [node] = plan.nodes;
    assert.ok(node);
    const nodes = [{ ...node, encryption: { STATE: "nodeID", EPHEMERAL: "static" } as const }];
    const { recording } = await build({ nodes, diskPassphrase: "open sesame" });
    const inputs = recording.named("homelab-talos-k8s-01-configuration").inputs as { configPatches: unknown[] };
    const [readable, , hidden] = inputs.configPatches;
    assert.match(String(readable), /kind: VolumeConfig\nname: STATE\n/);
    assert.doesNotMatch(String(readable), /EPHEMERAL/);
    assert.match((hidden as { secret: string }).secret, /name: EPHEMERAL\n.*passphrase: open sesame\n/s);
  });

  it("sends a node the generated configuration as a secret and the node's own part as readable patches", async () => {
    const { recording } = await build();
    const node = plan.nodes[1];
    assert.ok(node);
    assert.deepEqual(recording.named("homelab-talos-k8s-02-configuration").inputs, {
      node: "10.8.16.21",
      clientConfiguration: secretOf(clientConfiguration),
      machineConfigurationInput: secretOf("generated controlplane"),
      configPatches: [
        renderMachineConfigPatch({ cluster: plan.cluster, node, kubePrismPort: 7445 }),
        renderInstallPatch(node, image),
      ],
      applyMode: "auto",
    });
  });

  it("generates one configuration a role, for the planned versions and endpoint", async () => {
    const nodes = plan.nodes.map((node, i) => (i === 2 ? { ...node, role: "worker" as const } : node));
    const { recording } = await build({ nodes });
    const generated = recording.calls.filter((call) => call.token.startsWith("talos:machine/getConfiguration"));
    assert.deepEqual(generated.map((call) => call.inputs["machineType"]).sort(), ["controlplane", "worker"]);
    assert.deepEqual(
      recording.named("homelab-talos-k8s-03-configuration").inputs["machineConfigurationInput"],
      secretOf("generated worker"),
    );
    const { machineSecrets: _, machineType: __, ...rest } = generated[0]?.inputs ?? {};
    assert.deepEqual(rest, {
      clusterEndpoint: "https://10.8.16.20:6443",
      clusterName: "homelab",
      docs: false,
      examples: false,
      kubernetesVersion: "v1.35.0",
      // The contract the cluster was made with, not the version it has reached since.
      talosVersion: "v1.12.0",
    });
  });

  it("configures a node only after its machine exists", async () => {
    let vm: pulumi.Resource | undefined;
    const withMachines = await recordResources(() => {
      vm = new talos.imagefactory.Schematic("vm-1");
      new TalosCluster("homelab", {
        secrets: new TalosSecrets("trust", { cluster: plan.cluster }),
        access,
        cluster: plan.cluster,
        nodes: plan.nodes,
        kubePrismPort: 7445,
        installerImage: image,
        machines: { "talos-k8s-01": vm },
      });
    }, answers);
    assert.ok(withMachines.named("homelab-talos-k8s-01-configuration").dependsOn.includes("vm-1"));
    assert.equal(withMachines.named("homelab-talos-k8s-02-configuration").dependsOn.includes("vm-1"), false);
  });

  it("configures one control plane after the other, and workers without waiting for them", async () => {
    const nodes = plan.nodes.map((node, i) => (i === 1 ? { ...node, role: "worker" as const } : node));
    const { recording } = await build({ nodes });
    const waitsFor = (node: string): string[] =>
      recording.named(`homelab-${node}-configuration`).dependsOn.filter((name) => name.endsWith("-configuration"));
    assert.deepEqual(waitsFor("talos-k8s-01"), []);
    assert.deepEqual(waitsFor("talos-k8s-02"), []);
    assert.deepEqual(waitsFor("talos-k8s-03"), ["homelab-talos-k8s-01-configuration"]);
  });

  it("bootstraps the one planned node, after every control plane is configured", async () => {
    const nodes = plan.nodes.map((node, i) => (i === 2 ? { ...node, role: "worker" as const } : node));
    const bootstrap = (await build({ nodes })).recording.named("homelab-bootstrap");
    assert.equal(bootstrap.inputs["node"], "10.8.16.20");
    assert.ok(bootstrap.dependsOn.includes("homelab-talos-k8s-01-configuration"));
    assert.ok(bootstrap.dependsOn.includes("homelab-talos-k8s-02-configuration"));
    assert.equal(bootstrap.dependsOn.includes("homelab-talos-k8s-03-configuration"), false);
  });

  it("refuses a bootstrap node that is no control plane", async () => {
    const cluster = { ...plan.cluster, bootstrapNode: "talos-k8s-09" };
    await assert.rejects(build({ cluster }), /bootstrap node talos-k8s-09 is no control plane of the plan/);
  });

  it("protects the bootstrap unless told otherwise", async () => {
    const guarded = (recording: Recording): string[] =>
      recording.resources
        .filter((resource) => resource.protect)
        .map((resource) => resource.name)
        .sort();
    assert.deepEqual(guarded((await build()).recording), ["homelab-bootstrap", "trust-secrets"]);
    assert.deepEqual(guarded((await build({ protect: false })).recording), ["trust-secrets"]);
  });

  it("renews the kubeconfig's certificate 90 days ahead", async () => {
    const kubeconfig = (await build()).recording.named("homelab-kubeconfig");
    assert.equal(kubeconfig.inputs["certificateRenewalDuration"], "2160h");
    assert.ok(kubeconfig.dependsOn.includes("homelab-bootstrap"));
  });

  it("gives the kubeconfig away once all nodes answer and etcd is whole", async () => {
    const { recording } = await build();
    const healthy = recording.named("homelab-healthy");
    assert.equal(
      (healthy.inputs["environment"] as Record<string, unknown>)["NODES"],
      "10.8.16.20 10.8.16.21 10.8.16.22",
    );
    for (const earlier of ["homelab-bootstrap", "homelab-talos-k8s-03-configuration"])
      assert.ok(healthy.dependsOn.includes(earlier), earlier);
  });

  it("asks the cluster nothing in a preview: it may be down", async () => {
    const { recording } = await build({}, true);
    assert.deepEqual([...new Set(recording.calls.map((call) => call.token))].sort(), [
      "talos:client/getConfiguration:getConfiguration",
      "talos:machine/getConfiguration:getConfiguration",
    ]);
  });

  it("hands out kubeconfig and talosconfig as secrets", async () => {
    const { recording, cluster } = await build();
    assert.equal(await pulumi.isSecret(cluster.kubeconfig), true);
    assert.equal(await pulumi.isSecret(cluster.talosconfig), true);
    assert.deepEqual(recording.named("homelab").outputs, {
      kubeconfig: secretOf(kubeconfigRaw),
      talosconfig: secretOf("talosconfig"),
      endpoint: "https://10.8.16.20:6443",
    });
  });

  it("leads through a proxy when there is one", async () => {
    const { cluster } = await build({ proxyUrl: "socks5://gateway.example.test:1080" });
    assert.deepEqual(parse(await settled(cluster.kubeconfig)), {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "homelab",
          cluster: { server: "https://10.8.16.20:6443", "proxy-url": "socks5://gateway.example.test:1080" },
        },
      ],
    });
  });
});
