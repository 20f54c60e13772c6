import assert from "node:assert/strict";
import { WebhookGate } from "../../components/webhook-gate.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const probe = {
  apiVersion: "metallb.io/v1beta1",
  kind: "L2Advertisement",
  metadata: { name: "webhook-gate", namespace: "metallb-system" },
  spec: {},
};
const build = (generation = "0.16.1"): Promise<Recording> =>
  recordResources(
    () =>
      new WebhookGate("gate", {
        namespace: "metallb-system",
        probe,
        resource: "l2advertisements",
        generation,
        kubernetesVersion: "v1.35.0",
      }),
  );

interface Pod {
  readonly metadata: object;
  readonly spec: {
    readonly restartPolicy: string;
    readonly serviceAccountName: string;
    readonly containers: readonly { readonly image: string; readonly command: readonly string[] }[];
  };
}
const podOf = (recording: Recording): { pod: Pod; job: Record<string, unknown> } => {
  const job = recording.named("gate-job").inputs["spec"] as Record<string, unknown>;
  return { pod: job["template"] as Pod, job };
};

describe("WebhookGate", () => {
  it("asks the API server to admit the probe without storing it", async () => {
    const recording = await build();
    const { pod } = podOf(recording);
    assert.deepEqual(pod.spec.containers[0]?.command, [
      "kubectl",
      "create",
      "--dry-run=server",
      "--filename",
      "/probe/probe.json",
    ]);
    assert.equal(pod.spec.containers[0]?.image, "registry.k8s.io/kubectl:v1.35.0");
    const { data } = recording.named("gate-probe").inputs as { data: Record<string, string> };
    assert.deepEqual(JSON.parse(data["probe.json"] ?? ""), probe);
  });

  it("asks again and again, but ten minutes at most", async () => {
    const { pod, job } = podOf(await build());
    assert.equal(pod.spec.restartPolicy, "OnFailure");
    assert.equal(job["activeDeadlineSeconds"], 600);
    assert.equal(job["backoffLimit"], 20);
  });

  it("is replaced on the next run when it has given up: looked at again it would fail for ever", async () => {
    const { metadata } = (await build()).named("gate-job").inputs as { metadata: { annotations: object } };
    assert.deepEqual(metadata.annotations, { "pulumi.com/replaceUnready": "true" });
  });

  it("may create the probe's kind and nothing else, and does not start before it may", async () => {
    const recording = await build();
    assert.deepEqual(recording.named("gate-role").inputs["rules"], [
      { apiGroups: ["metallb.io"], resources: ["l2advertisements"], verbs: ["create"] },
    ]);
    assert.deepEqual(recording.named("gate-binding").inputs["subjects"], [
      { kind: "ServiceAccount", name: "webhook-gate", namespace: "metallb-system" },
    ]);
    assert.equal(podOf(recording).pod.spec.serviceAccountName, "webhook-gate");
    assert.ok(recording.named("gate-job").dependsOn.includes("gate-binding"));
  });

  it("asks anew after an upgrade", async () => {
    const before = podOf(await build("0.16.1")).pod.metadata;
    const after = podOf(await build("0.17.0")).pod.metadata;
    assert.notDeepEqual(before, after);
  });
});

describe("WebhookGate for a kind outside of namespaces", () => {
  it("is permitted in the whole cluster, under a name that is its own", async () => {
    const recording = await recordResources(
      () =>
        new WebhookGate("gate", {
          namespace: "piraeus-datastore",
          probe: { apiVersion: "piraeus.io/v1", kind: "LinstorCluster", metadata: { name: "webhook-gate" }, spec: {} },
          resource: "linstorclusters",
          isClusterScoped: true,
          generation: "2.10.6",
          kubernetesVersion: "v1.35.0",
        }),
    );
    const role = recording.named("gate-role");
    assert.equal(role.type, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole");
    assert.deepEqual(role.inputs["metadata"], { name: "webhook-gate-linstorclusters" });
    assert.equal(recording.named("gate-binding").type, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding");
    assert.ok(recording.named("gate-job").dependsOn.includes("gate-binding"));
  });
});
