import assert from "node:assert/strict";
import { listPods } from "../../../lab/rack/kubernetes/pods.ts";
import { listClusters } from "../../../lab/rack/talos/cluster.ts";
import { vms } from "../../../lab/rack/vms.ts";
import { charts } from "../../../plan/versions.ts";
import { Plugin } from "../furnished-rack.ts";
import {
  ciliumRelease,
  deployment,
  K,
  namespace,
  object,
  readyCluster,
  releaseInputs,
  statusOf,
} from "../kubernetes-world.ts";
import { type ClusterWorld, clusterWorld, T } from "../talos-world.ts";

describe("nodes of the rack's Kubernetes", () => {
  let world: ClusterWorld;
  beforeEach(async () => {
    world = await clusterWorld();
  });
  afterEach(() => world.close());
  const ready = () => statusOf(world).nodes.map(({ isReady }) => isReady);

  it("are Ready once Cilium runs on them, not before", async () => {
    assert.deepEqual(ready(), [false, false, false]);
    assert.match(statusOf(world).nodes[0]?.problem ?? "", /cni plugin not initialized/);
    await world.kubernetes.create(T.release, ciliumRelease(world));
    assert.deepEqual(ready(), [true, true, true]);
  });

  it("have no pod range when Cilium does not read their annotations", async () => {
    await assert.rejects(
      world.kubernetes.create(T.release, ciliumRelease(world, { annotateK8sNode: false })),
      /release cilium failed, and has been uninstalled due to atomic being set: context deadline exceeded: DaemonSet kube-system\/cilium: .*required IPv4 PodCIDR not available/,
    );
    assert.deepEqual(statusOf(world).workloads, [], "nothing is left of it");
  });

  it("have no services when nobody does kube-proxy's work", async () => {
    await assert.rejects(
      world.kubernetes.create(T.release, ciliumRelease(world, { kubeProxyReplacement: false })),
      /kube-proxy is off and kubeProxyReplacement is not true/,
    );
  });
});

describe("workloads of the rack's Kubernetes", () => {
  let world: ClusterWorld;
  const create = (token: string, inputs: ReturnType<typeof deployment>) => world.kubernetes.create(token, inputs);
  beforeEach(async () => {
    world = await readyCluster();
    await create(K.namespace, namespace("demo"));
  });
  afterEach(() => world.close());

  it("are awaited until their pods run", async () => {
    const { outputs } = await create(K.deployment, deployment("web", "demo", {}, {}, 3));
    assert.deepEqual(outputs["status"], { replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 });
  });

  const privileged = { containers: [{ name: "main", securityContext: { privileged: true } }] };
  it("are kept out by pod security, and let in where the namespace says so", async () => {
    const refused =
      /pods "web-0" is forbidden: violates PodSecurity "baseline:latest": privileged \(container "main" must not set securityContext.privileged=true\)/;
    await assert.rejects(create(K.deployment, deployment("web", "demo", privileged)), refused);
    await create(K.namespace, namespace("trusted", "privileged"));
    await create(K.deployment, deployment("web", "trusted", privileged));
  });

  it("need more than nothing in a restricted namespace", async () => {
    await create(K.namespace, namespace("strict", "restricted"));
    await assert.rejects(
      create(K.deployment, deployment("web", "strict")),
      /violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false/,
    );
  });

  it("that no node can hold stay pending, with the reason of every node", async () => {
    const requests = { resources: { requests: { memory: "64Gi" } } };
    await assert.rejects(
      create(K.deployment, deployment("big", "demo", {}, requests)),
      /0\/3 nodes are available: 3 Insufficient memory\./,
    );
  });

  it("fill a node up one after another", async () => {
    const requests = { resources: { requests: { memory: "20Gi" } } };
    await create(K.deployment, deployment("three", "demo", {}, requests, 3));
    await assert.rejects(create(K.deployment, deployment("fourth", "demo", {}, requests)), /3 Insufficient memory/);
  });

  it("wait for what they mount", async () => {
    const volumes = [{ name: "settings", configMap: { name: "settings" } }];
    await assert.rejects(
      create(K.deployment, deployment("web", "demo", { volumes })),
      /MountVolume.SetUp failed for volume "settings" : configmap "settings" not found/,
    );
  });

  it("wait for their service account", async () => {
    await assert.rejects(
      create(K.deployment, deployment("web", "demo", { serviceAccountName: "robot" })),
      /serviceaccount "robot" not found/,
    );
  });

  it("leave a node that is down, and do not move back when it returns", async () => {
    await create(K.deployment, deployment("web", "demo", {}, {}, 3));
    const places = () =>
      world.rack.transaction(() => {
        const [cluster] = listClusters(world.rack);
        assert.ok(cluster);
        return listPods({ rack: world.rack, cluster }).flatMap(({ owner, node }) =>
          owner.object.metadata.name === "web" ? [node?.name] : [],
        );
      });
    assert.deepEqual(places().sort(), ["talos-k8s-01", "talos-k8s-02", "talos-k8s-03"]);
    const vm = vms(world.rack)
      .list()
      .find(({ body }) => body.name === "talos-k8s-03");
    assert.ok(vm);
    const power = (running: boolean) => vms(world.rack).edit(vm.id, (body) => Object.assign(body, { running }));
    power(false);
    const without = places().sort();
    assert.equal(without.includes("talos-k8s-03"), false);
    power(true);
    assert.deepEqual(places().sort(), without);
  });

  it("are not awaited when they say so", async () => {
    const inputs = deployment("web", "demo", privileged);
    const skipping = {
      ...inputs,
      metadata: { name: "web", namespace: "demo", annotations: { "pulumi.com/skipAwait": "true" } },
    };
    const { outputs } = await create(K.deployment, skipping);
    assert.deepEqual(outputs["status"], { replicas: 1 });
  });

  it("that failed to start are kept in the state, as the official plug-in keeps them", async () => {
    await assert.rejects(
      create(K.deployment, deployment("web", "demo", privileged)),
      (error: Error & { id?: string }) => {
        assert.equal(error.id, "demo/web");
        assert.match(
          error.message,
          /"demo\/web" failed to fully initialize or become live: timed out waiting for Deployment to be ready/,
        );
        return true;
      },
    );
  });

  it("are replaced when their selector changes, and only then", () => {
    const subject = Plugin.subject(K.deployment);
    const before = deployment("web", "demo");
    const changed = (spec: object) =>
      world.kubernetes.kernel.diff(subject, before, { ...before, spec: { ...(before["spec"] as object), ...spec } });
    assert.deepEqual(
      changed({ replicas: 2 }).changes.map(({ replaces }) => replaces),
      [false],
    );
    assert.deepEqual(
      changed({ selector: { matchLabels: { app: "other" } } }).changes.map(({ replaces }) => replaces),
      [true],
    );
    assert.equal(changed({ replicas: 2 }).deleteBeforeReplace, true);
  });

  it("without a name get one that they keep", async () => {
    const unnamed = object("v1", "ConfigMap", { namespace: "demo" }, { data: {} });
    const subject = Plugin.subject(K.configMap, "settings");
    const { inputs } = await world.kubernetes.kernel.check(subject, unnamed, {});
    const { name } = inputs["metadata"] as { name: string };
    assert.match(name, /^settings-[0-9a-f]{8}$/);
    const again = await world.kubernetes.kernel.check(subject, unnamed, inputs);
    assert.equal((again.inputs["metadata"] as { name: string }).name, name);
  });
});

describe("Helm releases of the rack", () => {
  let world: ClusterWorld;
  const install = (inputs: ReturnType<typeof releaseInputs>) => world.kubernetes.create(T.release, inputs);
  const traefik = (values: object = {}, extra = {}) =>
    releaseInputs("traefik", "default", charts.traefik, { service: { enabled: false }, ...values }, extra);
  beforeEach(async () => {
    world = await readyCluster();
  });
  afterEach(() => world.close());

  it("are what their chart makes of the values", async () => {
    const { id, outputs } = await install(traefik({ deployment: { replicas: 2 } }));
    assert.equal(id, "default/traefik");
    assert.deepEqual(outputs["resourceNames"], { Deployment: ["default/traefik"], IngressClass: ["traefik"] });
  });

  const refusals: [string, object, RegExp][] = [
    [
      "a version that is not pinned",
      { version: "0.0.1" },
      /chart "traefik" version "0\.0\.1" not found in https:\/\/traefik\.github\.io\/charts repository/,
    ],
    ["a chart that is not pinned", { chart: "nginx" }, /chart "nginx" version "\S+" not found/],
    [
      "another repository",
      { repositoryOpts: { repo: "https://charts.example.org" } },
      /looks like "https:\/\/charts\.example\.org" is not a valid chart repository/,
    ],
    ["a namespace that is not there", { namespace: "nowhere" }, /namespaces "nowhere" not found/],
    [
      "a value the chart does not have",
      { values: { replicas: 2 } },
      /traefik:\n- \(root\): Additional property replicas is not allowed/,
    ],
  ];
  for (const [what, changed, message] of refusals) {
    it(`are refused with ${what}`, () => assert.rejects(install(traefik({}, changed)), message));
  }

  it("are refused under a name that is in use", async () => {
    await install(traefik());
    await assert.rejects(install(traefik()), /cannot re-use a name that is still in use/);
  });

  it("remove their objects and leave the definitions of crds/", async () => {
    const { outputs, inputs } = await install(traefik());
    await world.kubernetes.kernel.delete(Plugin.subject(T.release), "default/traefik", outputs, inputs);
    assert.equal(
      statusOf(world).workloads.some(({ name }) => name.includes("traefik")),
      false,
    );
    await install(traefik());
  });

  it("drop objects that an upgrade has no more", async () => {
    const service = { service: { enabled: true, type: "ClusterIP" } };
    const before = await install(traefik(service));
    const outputs = await world.kubernetes.kernel.update(
      Plugin.subject(T.release),
      "default/traefik",
      before.outputs,
      traefik(),
      false,
    );
    assert.equal((outputs["status"] as { revision: number }).revision, 2);
    assert.equal((outputs["resourceNames"] as Record<string, unknown>)["Service"], undefined);
  });
});
