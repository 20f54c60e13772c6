import assert from "node:assert/strict";
import type { Announcement } from "../../../lab/rack/kubernetes/load-balancer.ts";
import { charts } from "../../../plan/versions.ts";
import { Plugin } from "../furnished-rack.ts";
import {
  deployment,
  K,
  loadBalancer,
  metallbValues,
  namespace,
  object,
  readyCluster,
  releaseInputs,
  statusOf,
} from "../kubernetes-world.ts";
import { applyAll, type ClusterWorld, configurationOf, T } from "../talos-world.ts";

describe("MetalLB of the rack", () => {
  let world: ClusterWorld;
  const create = (token: string, inputs: ReturnType<typeof object>) => world.kubernetes.create(token, inputs);
  const pool = (name: string, ...addresses: string[]) =>
    create(
      K.pool,
      object("metallb.io/v1beta1", "IPAddressPool", { name, namespace: "metallb-system" }, { spec: { addresses } }),
    );
  const advertise = (spec: object) =>
    create(
      K.advertisement,
      object(
        "metallb.io/v1beta1",
        "L2Advertisement",
        { name: "eth1", namespace: "metallb-system" },
        { spec: { ...spec } },
      ),
    );
  const announced = (address: string): Announcement | undefined =>
    statusOf(world).services.find((service) => service.address === address);
  /** What the program's gate does: a dry run in a Job, until the webhook answers. */
  const passGate = async () => {
    const metadata = { name: "gate", namespace: "metallb-system" };
    const probe = { apiVersion: "metallb.io/v1beta1", kind: "L2Advertisement", metadata, spec: {} };
    const rules = [{ apiGroups: ["metallb.io"], resources: ["l2advertisements"], verbs: ["create"] }];
    const rbac = "rbac.authorization.k8s.io/v1";
    await create("kubernetes:core/v1:ServiceAccount", object("v1", "ServiceAccount", metadata));
    await create(`kubernetes:${rbac}:Role`, object(rbac, "Role", metadata, { rules }));
    const subjects = [{ kind: "ServiceAccount", name: "gate", namespace: "metallb-system" }];
    await create(
      `kubernetes:${rbac}:RoleBinding`,
      object(rbac, "RoleBinding", metadata, { roleRef: { kind: "Role", name: "gate" }, subjects }),
    );
    await create(K.configMap, object("v1", "ConfigMap", metadata, { data: { "probe.json": JSON.stringify(probe) } }));
    return create(K.job, gateJob());
  };
  const gateJob = () => {
    const container = {
      name: "ask",
      image: "registry.k8s.io/kubectl:v1.35.0",
      command: ["kubectl", "create", "--dry-run=server", "--filename", "/probe/probe.json"],
      volumeMounts: [{ name: "probe", mountPath: "/probe" }],
    };
    const pod = {
      serviceAccountName: "gate",
      containers: [container],
      volumes: [{ name: "probe", configMap: { name: "gate" } }],
    };
    return object(
      "batch/v1",
      "Job",
      { name: "gate", namespace: "metallb-system" },
      { spec: { template: { spec: pod } } },
    );
  };

  beforeEach(async () => {
    world = await readyCluster();
    await create(K.namespace, namespace("metallb-system", "privileged"));
    await create(K.namespace, namespace("demo"));
    await create(K.deployment, deployment("web", "demo"));
  });
  afterEach(() => world.close());

  const install = (values: object = metallbValues) =>
    create(T.release, releaseInputs("metallb", "metallb-system", charts.metallb, values));
  const working = async () => {
    await install();
    await passGate();
    await pool("default", "10.8.31.10-10.8.31.12");
    await advertise({ ipAddressPools: ["default"], interfaces: ["eth1"] });
  };

  it("refuses a pool while its webhook does not answer yet, although the release is ready", async () => {
    await install();
    await assert.rejects(
      pool("default", "10.8.31.10-10.8.31.200"),
      /Internal error occurred: failed calling webhook "ipaddresspoolvalidationwebhook\.metallb\.io": failed to call webhook: Post "https:\/\/metallb-webhook-service\.metallb-system\.svc:443\/\S+": dial tcp: connect: connection refused/,
    );
    await passGate();
    await pool("default", "10.8.31.10-10.8.31.200");
  });

  it("keeps a gate waiting that may not ask", async () => {
    await install();
    const metadata = { name: "gate", namespace: "metallb-system" };
    await create("kubernetes:core/v1:ServiceAccount", object("v1", "ServiceAccount", metadata));
    const probe = { apiVersion: "metallb.io/v1beta1", kind: "L2Advertisement", metadata, spec: {} };
    await create(K.configMap, object("v1", "ConfigMap", metadata, { data: { "probe.json": JSON.stringify(probe) } }));
    await assert.rejects(
      create(K.job, gateJob()),
      /cannot create resource "l2advertisements" in API group "metallb\.io"/,
    );
  });

  it("needs a namespace where its speakers may use the host's network", async () => {
    await create(K.namespace, namespace("plain"));
    const inputs = releaseInputs("metallb", "plain", charts.metallb, metallbValues, { atomic: true });
    await assert.rejects(
      create(T.release, inputs),
      /DaemonSet plain\/metallb-speaker: .*violates PodSecurity "baseline:latest": host namespaces \(hostNetwork=true\)/,
    );
  });

  it("refuses a pool that overlaps another, and one that is no range", async () => {
    await working();
    await assert.rejects(
      pool("more", "10.8.31.12/32"),
      /denied the request: CIDR "10\.8\.31\.12\/32" in pool "more" overlaps with already defined CIDR "10\.8\.31\.10-10\.8\.31\.12"/,
    );
    await assert.rejects(
      pool("more", "10.8.31.20-10.8.31.13"),
      /invalid CIDR "10\.8\.31\.20-10\.8\.31\.13" in pool "more"/,
    );
  });

  it("gives a service the address it asks for, announced on the interface by one node", async () => {
    await working();
    const { outputs } = await create(K.service, loadBalancer("web", "demo", "10.8.31.11"));
    assert.deepEqual(outputs["status"], { loadBalancer: { ingress: [{ ip: "10.8.31.11", ipMode: "VIP" }] } });
    const { node, interface: link, problem } = announced("10.8.31.11") ?? {};
    assert.match(node ?? "", /^talos-k8s-0[123]$/);
    assert.deepEqual([link, problem], ["eth1", undefined]);
  });

  it("gives the next free address to a service that asks for none, and refuses when none is left", async () => {
    await working();
    for (const address of ["10.8.31.10", "10.8.31.11", "10.8.31.12"]) {
      const service = { ...loadBalancer("web", "demo"), metadata: { name: `web-${address}`, namespace: "demo" } };
      const { outputs } = await create(K.service, service);
      assert.deepEqual(outputs["status"], { loadBalancer: { ingress: [{ ip: address, ipMode: "VIP" }] } });
    }
    await assert.rejects(
      create(K.service, loadBalancer("web", "demo")),
      /Failed to allocate IP for "demo\/web": no available IPs/,
    );
  });

  it("leaves a service pending outside of its pools", async () => {
    await working();
    await assert.rejects(
      create(K.service, loadBalancer("web", "demo", "10.8.31.250")),
      /Failed to allocate IP for "demo\/web": \["10\.8\.31\.250"\] is not allowed in config/,
    );
  });

  it("gives one address to one service", async () => {
    await working();
    await create(K.service, loadBalancer("web", "demo", "10.8.31.11"));
    const second = {
      ...loadBalancer("web", "demo", "10.8.31.11"),
      metadata: { name: "second", namespace: "demo", annotations: { "metallb.io/loadBalancerIPs": "10.8.31.11" } },
    };
    await assert.rejects(
      create(K.service, second),
      /Failed to allocate IP for "demo\/second": .*address also in use by demo\/web/,
    );
  });

  it("frees the address with its service", async () => {
    await working();
    const { outputs, inputs } = await create(K.service, loadBalancer("web", "demo", "10.8.31.11"));
    await world.kubernetes.kernel.delete(Plugin.subject(K.service), "demo/web", outputs, inputs);
    assert.equal(announced("10.8.31.11"), undefined);
    await create(K.service, loadBalancer("web", "demo", "10.8.31.11"));
  });

  it("takes the old address from a service that asks for another's, and does not look again when that one moves on", async () => {
    await working();
    const named = (name: string, address: string, type = "LoadBalancer") => {
      const annotations = { "metallb.io/loadBalancerIPs": address };
      const spec = { type, selector: { app: "web" }, ports: [{ port: 80 }] };
      return object("v1", "Service", { name, namespace: "demo", annotations }, { spec });
    };
    const first = await create(K.service, named("web", "10.8.31.10"));
    const second = await create(K.service, named("other", "10.8.31.11"));
    const update = (name: string, made: typeof first, wanted: ReturnType<typeof object>) =>
      world.kubernetes.kernel.update(Plugin.subject(K.service), `demo/${name}`, made.outputs, wanted, false);
    await assert.rejects(update("web", first, named("web", "10.8.31.11")), /address also in use by demo\/other/);
    assert.equal(announced("10.8.31.10"), undefined);
    await update("other", second, named("other", "10.8.31.12"));
    await assert.rejects(
      update("web", first, named("web", "10.8.31.11")),
      /10\.8\.31\.11 was taken when MetalLB looked, and it looks again only when a service with an address is deleted or a pool changes/,
    );
    await update("other", second, named("other", "10.8.31.12", "ClusterIP"));
    assert.equal(announced("10.8.31.12"), undefined);
    await update("web", first, named("web", "10.8.31.11"));
  });

  it("has no part in a service without pods behind it: Pulumi waits for them", async () => {
    await working();
    await assert.rejects(
      create(K.service, loadBalancer("nobody", "demo", "10.8.31.11")),
      /Service does not target any Pods/,
    );
  });

  it("assigns, but answers for nothing, without an advertisement", async () => {
    await install();
    await passGate();
    await pool("default", "10.8.31.10-10.8.31.12");
    await create(K.service, loadBalancer("web", "demo", "10.8.31.11"));
    assert.equal(announced("10.8.31.11")?.problem, "no L2Advertisement selects pool default");
  });

  it("elects a node whether or not it has the interface, and then nobody answers", async () => {
    await install();
    await passGate();
    await pool("default", "10.8.31.10-10.8.31.12");
    await advertise({ ipAddressPools: ["default"], interfaces: ["eth7"] });
    await create(K.service, loadBalancer("web", "demo", "10.8.31.11"));
    assert.match(announced("10.8.31.11")?.problem ?? "", /^talos-k8s-0[123] was elected, but has no interface eth7$/);
  });

  it("is silent on control planes that keep their label", async () => {
    await working();
    await create(K.service, loadBalancer("web", "demo", "10.8.31.11"));
    for (const node of world.plan.nodes) {
      const { input, patches } = await configurationOf(world, node, world.secrets.machineSecrets);
      const label = 'machine: {nodeLabels: {node.kubernetes.io/exclude-from-external-load-balancers: ""}}';
      const { clientConfiguration } = world.secrets;
      await world.talos.create(T.apply, {
        node: node.managementAddress,
        clientConfiguration,
        machineConfigurationInput: input,
        configPatches: [...patches, label],
      });
    }
    assert.equal(
      announced("10.8.31.11")?.problem,
      "every node has the label node.kubernetes.io/exclude-from-external-load-balancers",
    );
    await applyAll(world, world.secrets);
    assert.equal(announced("10.8.31.11")?.problem, undefined);
  });
});
