import assert from "node:assert/strict";
import { LinstorStorageNetwork } from "../../components/linstor-storage-network.ts";
import type { LinstorPlan } from "../../plan/plan.ts";
import { ms01Plan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const plan = ms01Plan().linstor as LinstorPlan;
const build = (change: Partial<LinstorPlan> = {}): Promise<Recording> =>
  recordResources(
    () => new LinstorStorageNetwork("linstor", { plan: { ...plan, ...change }, kubernetesVersion: "v1.35.0" }),
  );

interface Pod {
  readonly initContainers: readonly { readonly command: readonly string[] }[];
  readonly containers: readonly { readonly image: string; readonly command: readonly string[] }[];
}
const podOf = (recording: Recording, job: string): Pod =>
  (recording.named(job).inputs["spec"] as { template: { spec: Pod } }).template.spec;
const metadataOf = (recording: Recording, name: string): Record<string, unknown> =>
  recording.named(name).inputs["metadata"] as Record<string, unknown>;

describe("LinstorStorageNetwork", () => {
  it("installs the operator from its registry, with its kinds", async () => {
    const release = (await build()).named("linstor-operator").inputs;
    assert.equal(release["chart"], "oci://ghcr.io/piraeusdatastore/piraeus-operator/piraeus");
    assert.equal(release["version"], "2.10.6");
    assert.equal(release["repositoryOpts"], undefined);
    assert.deepEqual(release["values"], { installCRDs: true });
  });

  it("lets satellites use the host's network and Talos's own DRBD", async () => {
    const { spec } = (await build()).named("linstor-talos").inputs as {
      spec: { podTemplate: { spec: { hostNetwork: boolean; initContainers: object[]; volumes: object[] } } };
    };
    const pod = spec.podTemplate.spec;
    assert.equal(pod.hostNetwork, true);
    assert.deepEqual(pod.initContainers, [
      { name: "drbd-shutdown-guard", $patch: "delete" },
      { name: "drbd-module-loader", $patch: "delete" },
    ]);
    assert.equal(pod.volumes.length, 7);
  });

  it("makes each node's disk the node's pool", async () => {
    const { spec } = (await build()).named("linstor-pool-talos-ms01-02").inputs;
    assert.deepEqual(spec, {
      nodeSelector: { "kubernetes.io/hostname": "talos-ms01-02" },
      storagePools: [
        {
          name: "pool1",
          lvmThinPool: {},
          source: { hostDevices: ["/dev/disk/by-id/nvme-ms01-02-linstor0"] },
        },
      ],
    });
  });

  it("declares no connection before every interface is registered, and no class before every path is there", async () => {
    const recording = await build();
    const waitsFor = (name: string, other: string): void =>
      assert.ok(recording.named(name).dependsOn.includes(other), `${name} waits for ${other}`);
    waitsFor("linstor-gate", "linstor-operator");
    waitsFor("linstor-cluster", "linstor-talos");
    waitsFor("linstor-interfaces", "linstor-cluster");
    waitsFor("linstor-paths", "linstor-interfaces-job");
    assert.equal(recording.named("linstor-paths-dedicated").parent, "linstor-paths");
    waitsFor("linstor-paths-verify", "linstor-paths-dedicated");
    waitsFor("linstor-class", "linstor-paths-verify");
  });

  it("registers interfaces, and only then labels the nodes that connections pick", async () => {
    const recording = await build();
    const pod = podOf(recording, "linstor-interfaces-job");
    assert.deepEqual(pod.initContainers[0]?.command, ["sh", "/scripts/register.sh"]);
    assert.deepEqual(pod.containers[0]?.command, [
      "kubectl",
      "label",
      "nodes",
      "talos-ms01-01",
      "talos-ms01-02",
      "talos-ms01-03",
      "linstor-interface.homelab/usb4=registered",
      "--overwrite",
    ]);
    assert.deepEqual(recording.named("linstor-paths-dedicated").inputs["spec"], {
      selector: [{ matchLabels: [{ key: "linstor-interface.homelab/usb4", op: "Exists" }] }],
      paths: [{ name: "dedicated", interface: "usb4" }],
    });
    assert.deepEqual(recording.named("linstor-interfaces-role").inputs["rules"], [
      { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "patch"] },
    ]);
  });

  it("runs the registration again when a node is added, and leaves the connection as it is", async () => {
    const [one] = plan.interfaces;
    assert.ok(one);
    const fourth = { ...one, node: "talos-ms01-04", address: "10.8.49.4" };
    const [before, after] = [await build(), await build({ interfaces: [...plan.interfaces, fourth] })];
    const template = (recording: Recording) => recording.named("linstor-interfaces-job").inputs["spec"];
    assert.notDeepEqual(template(before), template(after));
    const connection = (recording: Recording) => recording.named("linstor-paths-dedicated").inputs;
    assert.deepEqual(connection(before), connection(after));
  });

  it("repairs what a satellite has lost, every few minutes", async () => {
    const { spec } = (await build()).named("linstor-interfaces-repair").inputs as {
      spec: { schedule: string; concurrencyPolicy: string };
    };
    assert.equal(spec.schedule, "*/5 * * * *");
    assert.equal(spec.concurrencyPolicy, "Forbid");
  });

  it("takes another network between zones", async () => {
    const connections = [
      { name: "dedicated", interface: "usb4", zones: "same" as const, pairs: [["a", "b"] as const] },
      { name: "between-zones", interface: "wan", zones: "different" as const, pairs: [["a", "c"] as const] },
    ];
    const recording = await build({ connections });
    const selector = (name: string) =>
      (recording.named(name).inputs["spec"] as { selector: { matchLabels: object[] }[] }).selector[0]?.matchLabels[1];
    assert.deepEqual(selector("linstor-paths-dedicated"), { key: "topology.kubernetes.io/zone", op: "Same" });
    assert.deepEqual(selector("linstor-paths-between-zones"), { key: "topology.kubernetes.io/zone", op: "NotSame" });
  });

  it("makes paths by the command line where that is wanted, and no custom resource", async () => {
    const recording = await build({ method: "cli" });
    assert.ok(recording.named("linstor-paths-verify").dependsOn.includes("linstor-paths-create"));
    assert.deepEqual(recording.namesOf("kubernetes:piraeus.io/v1:LinstorNodeConnection"), []);
  });

  it("gives a default class with replicas and quorum", async () => {
    const recording = await build();
    assert.deepEqual(metadataOf(recording, "linstor-class"), {
      name: "replicated",
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    });
    const inputs = recording.named("linstor-class").inputs;
    assert.equal(inputs["volumeBindingMode"], "WaitForFirstConsumer");
    const parameters = inputs["parameters"] as Record<string, string>;
    assert.equal(parameters["linstor.csi.linbit.com/autoPlace"], "2");
    assert.equal(parameters["linstor.csi.linbit.com/storagePool"], "pool1");
    assert.equal(parameters["property.linstor.csi.linbit.com/DrbdOptions/auto-quorum"], "suspend-io");
    assert.ok(!("linstor.csi.linbit.com/replicasOnDifferent" in parameters));
  });

  it("has replicas in different racks by the label of their nodes", async () => {
    const recording = await build({ differentOn: "topology.kubernetes.io/zone" });
    const parameters = recording.named("linstor-class").inputs["parameters"] as Record<string, string>;
    assert.equal(parameters["linstor.csi.linbit.com/replicasOnDifferent"], "topology.kubernetes.io/zone");
  });

  it("replaces a Job that failed rather than looking at it again", async () => {
    const recording = await build();
    for (const job of ["linstor-interfaces-job", "linstor-paths-verify"]) {
      const { annotations } = metadataOf(recording, job) as { annotations: Record<string, string> };
      assert.equal(annotations["pulumi.com/replaceUnready"], "true");
    }
  });

  it("keeps all of it as its own", async () => {
    const recording = await build();
    const strays = recording.resources.filter(({ name, parent }) => name !== "linstor" && parent === undefined);
    assert.deepEqual(strays, []);
  });
});
