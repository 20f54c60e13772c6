import assert from "node:assert/strict";
import { revealAll } from "../../../lab/plugin/wire.ts";
import { kubernetes } from "../../../lab/providers/kubernetes/provider.ts";
import { shiftCalendar } from "../../../lab/rack/clock.ts";
import { etcdStatus } from "../../../lab/rack/talos/status.ts";
import { vms } from "../../../lab/rack/vms.ts";
import { Plugin } from "../furnished-rack.ts";
import { K, namespace, object, readyCluster } from "../kubernetes-world.ts";
import { bootstrapAddress, type ClusterWorld, clusterWorld, makeSecrets, T } from "../talos-world.ts";

describe("the API server of the rack", () => {
  let world: ClusterWorld;
  const stop = (name: string) => {
    const vm = vms(world.rack)
      .list()
      .find(({ body }) => body.name === name);
    assert.ok(vm);
    vms(world.rack).edit(vm.id, (body) => Object.assign(body, { running: false }));
  };
  beforeEach(async () => {
    world = await clusterWorld();
  });
  afterEach(() => world.close());

  it("takes objects before any node is Ready", async () => {
    const { id, outputs } = await world.kubernetes.create(K.namespace, namespace("demo"));
    assert.equal(id, "demo");
    assert.deepEqual(outputs["status"], { phase: "Active" });
  });

  it("does not answer when its node is off", async () => {
    stop("talos-k8s-01");
    await assert.rejects(
      world.kubernetes.create(K.namespace, namespace("demo")),
      /configured Kubernetes cluster is unreachable: .*10\.8\.16\.20:6443: connect: no route to host/,
    );
  });

  it("does not answer without etcd's quorum", async () => {
    stop("talos-k8s-02");
    await world.kubernetes.create(K.namespace, namespace("demo"));
    stop("talos-k8s-03");
    assert.equal(etcdStatus(world.rack)[0]?.hasQuorum, false);
    await assert.rejects(world.kubernetes.create(K.namespace, namespace("demo-2")), /etcdserver: request timed out/);
  });

  it("knows no client whose certificate has ended; a new kubeconfig is let in", async () => {
    world.rack.transaction(() => shiftCalendar(world.rack, 364));
    const issue = () =>
      world.talos.create(T.kubeconfig, {
        node: bootstrapAddress(world.plan),
        clientConfiguration: world.secrets.clientConfiguration,
      });
    const fresh = String(revealAll((await issue()).outputs)["kubeconfigRaw"]);
    world.rack.transaction(() => shiftCalendar(world.rack, 2));
    await assert.rejects(world.kubernetes.create(K.namespace, namespace("demo")), /Unauthorized/);
    await new Plugin(kubernetes, { kubeconfig: fresh }).create(K.namespace, namespace("demo"));
  });

  it("is not trusted by a client of another cluster", async () => {
    const others = revealAll((await makeSecrets(world)).machineSecrets);
    const authority = (others["certs"] as { k8s: { cert: string } }).k8s.cert;
    const kubeconfig = world.kubeconfig.replace(
      /certificate-authority-data: \S+/,
      `certificate-authority-data: ${authority}`,
    );
    await assert.rejects(
      new Plugin(kubernetes, { kubeconfig }).create(K.namespace, namespace("demo")),
      /x509: certificate signed by unknown authority/,
    );
  });

  it("is only ever addressed through a kubeconfig that names a rack", () => {
    const real = world.kubeconfig.replace(/ *proxy-url: .*\n/, "");
    for (const kubeconfig of [real, "~/.kube/config"]) {
      assert.throws(
        () => new Plugin(kubernetes, { kubeconfig }),
        /this plug-in drives simulated racks only, and the kubeconfig's proxy-url is not set/,
      );
    }
  });

  it("has no custom kind before its definition", async () => {
    const pool = object(
      "metallb.io/v1beta1",
      "IPAddressPool",
      { name: "default", namespace: "default" },
      { spec: { addresses: ["10.8.31.10-10.8.31.20"] } },
    );
    await assert.rejects(
      world.kubernetes.create(K.pool, pool),
      /no matches for kind "IPAddressPool" in version "metallb.io\/v1beta1"/,
    );
  });

  it("wants a namespace to exist", async () => {
    const map = object("v1", "ConfigMap", { name: "a", namespace: "nowhere" }, { data: { a: "1" } });
    await assert.rejects(world.kubernetes.create(K.configMap, map), /namespaces "nowhere" not found/);
  });

  it("keeps what is in a Secret secret, whichever way it was given", async () => {
    const secret = object("v1", "Secret", { name: "a", namespace: "default" }, { stringData: { key: "sentinel" } });
    const { outputs } = await world.kubernetes.create(K.secret, secret);
    assert.deepEqual(revealAll(outputs)["data"], { key: Buffer.from("sentinel").toString("base64") });
    assert.equal(outputs["data"]?.constructor.name, "Secret");
    assert.equal(outputs["stringData"], undefined);
  });

  it("removes what a namespace holds with it", async () => {
    await world.kubernetes.create(K.namespace, namespace("demo"));
    const map = object("v1", "ConfigMap", { name: "a", namespace: "demo" }, { data: { a: "1" } });
    const created = await world.kubernetes.create(K.configMap, map);
    const subject = (token: string) => Plugin.subject(token);
    await world.kubernetes.kernel.delete(subject(K.namespace), "demo", namespace("demo"), namespace("demo"));
    const found = await world.kubernetes.kernel.read(subject(K.configMap), created.id, created.outputs, created.inputs);
    assert.equal(found.id, "");
  });
});

describe("server-side apply", () => {
  let world: ClusterWorld;
  const map = (data: Record<string, string>, annotations: Record<string, string> = {}) =>
    object(
      "v1",
      "ConfigMap",
      { name: "shared", namespace: "default", ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
      { data },
    );
  const apply = async (name: string, inputs: ReturnType<typeof map>) => {
    const subject = Plugin.subject(K.configMap, name);
    return (await world.kubernetes.kernel.create(subject, inputs, false)).outputs;
  };
  const update = (name: string, before: ReturnType<typeof map>, after: ReturnType<typeof map>) =>
    world.kubernetes.kernel.update(Plugin.subject(K.configMap, name), "default/shared", before, after, false);
  beforeEach(async () => {
    world = await readyCluster();
  });
  afterEach(() => world.close());

  it("lets two managers own different fields of one object", async () => {
    await apply("one", map({ a: "1" }));
    const outputs = await apply("two", map({ b: "2" }));
    assert.deepEqual(outputs["data"], { a: "1", b: "2" });
  });

  it("refuses to change a field of another manager, and names both", async () => {
    await apply("one", map({ a: "1" }));
    await assert.rejects(
      apply("two", map({ a: "2" })),
      /Apply failed with 1 conflict: conflict with "pulumi-kubernetes-[0-9a-f]{8}" using v1: \.data\.a/,
    );
  });

  it("takes the field when told to by the annotation", async () => {
    await apply("one", map({ a: "1" }));
    const outputs = await apply("two", map({ a: "2" }, { "pulumi.com/patchForce": "true" }));
    assert.deepEqual(outputs["data"], { a: "2" });
    const { annotations } = outputs["metadata"] as { annotations: Record<string, string> };
    // Like the other annotations that Pulumi reads; a refresh would show drift otherwise.
    assert.deepEqual(annotations, { "pulumi.com/patchForce": "true" });
  });

  it("takes away what its manager no longer gives, and nothing of others", async () => {
    await apply("one", map({ a: "1", b: "1" }));
    await apply("two", map({ c: "2" }));
    const outputs = await update("one", map({ a: "1", b: "1" }), map({ a: "1" }));
    assert.deepEqual(outputs["data"], { a: "1", c: "2" });
  });

  it("is no drift for a program when others add fields, but is when its own are changed", async () => {
    const inputs = map({ a: "1" });
    const outputs = await apply("one", inputs);
    await apply("two", map({ c: "2" }));
    const read = () =>
      world.kubernetes.kernel.read(Plugin.subject(K.configMap, "one"), "default/shared", outputs, inputs);
    assert.deepEqual((await read()).inputs, inputs);
    await apply("two", map({ a: "drift" }, { "pulumi.com/patchForce": "true" }));
    assert.deepEqual((await read()).inputs["data"], { a: "drift" });
  });

  it("patches an object that somebody else made, and gives the field back", async () => {
    const token = "kubernetes:core/v1:ConfigMapPatch";
    await assert.rejects(
      world.kubernetes.create(token, map({ b: "2" })),
      /configmaps "shared" not found: a patch needs an object that exists/,
    );
    await apply("one", map({ a: "1" }));
    const patched = await world.kubernetes.create(token, map({ b: "2" }));
    assert.deepEqual(patched.outputs["data"], { a: "1", b: "2" });
    await world.kubernetes.kernel.delete(Plugin.subject(token), patched.id, patched.outputs, patched.inputs);
    assert.deepEqual((await apply("one", map({ a: "1" })))["data"], { a: "1" });
  });
});
