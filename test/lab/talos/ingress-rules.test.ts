// Each rule of the generated firewall taken away or narrowed: what stops is what stops on real nodes, and the program's own scripts say so.
import assert from "node:assert/strict";
import { parseAllDocuments, stringify } from "yaml";
import { renderMarkMembers } from "../../../components/operator-scripts/mark-members.ts";
import { renderWaitForCluster } from "../../../components/operator-scripts/wait-for-cluster.ts";
import type { Installation } from "../../../lab/rack/talos/nodes.ts";
import { charts } from "../../../plan/versions.ts";
import { planOf } from "../../support/configs.ts";
import {
  deployment,
  K,
  loadBalancer,
  metallbValues,
  namespace,
  object,
  releaseInputs,
  statusOf,
} from "../kubernetes-world.ts";
import { type OperatorWorld, operatorWorld } from "../operator-world.ts";
import { T } from "../talos-world.ts";

const worker = {
  ...{ host: "pve-aimax-01", role: "worker", podPrefix: "10.8.24.0/25" },
  vm: { id: 8004, cores: 4, memoryGiB: 8, diskGiB: 50 },
  addresses: { management: "10.8.16.23", workload: "10.8.28.23" },
};
const operators = ["192.168.1.0/24"];

describe("a rule that the nodes' firewall lacks", function () {
  this.timeout(60_000);
  let world: OperatorWorld;
  let built: Readonly<Record<string, string>>;
  const installations = () => world.rack.collection<Installation>("talos");
  const configurations = () =>
    Object.fromEntries(
      installations()
        .list()
        .map(({ id, body }) => [id, body.configuration]),
    );
  const write = (texts: Readonly<Record<string, string>>) =>
    world.rack.transaction(() => {
      for (const [id, text] of Object.entries(texts))
        installations().edit(id, (body) => {
          body.configuration = text;
        });
    });
  /** Lets in by that rule only some; nobody: the rule is gone. */
  const narrow = (rule: string, sources: readonly string[] = []): void => {
    const narrowed = Object.entries(built).map(([id, text]) => {
      const documents = parseAllDocuments(text).map((document) => document.toJS() as Record<string, unknown>);
      const rest = documents.flatMap((document) =>
        document["kind"] !== "NetworkRuleConfig" || document["name"] !== rule
          ? [document]
          : sources.length === 0
            ? []
            : [{ ...document, ingress: sources.map((subnet) => ({ subnet })) }],
      );
      return [id, rest.map((document) => stringify(document)).join("---\n")];
    });
    write(Object.fromEntries(narrowed));
  };
  const names = () => world.plan.nodes.map(({ name }) => name).join(" ");
  const members = () => world.run(renderMarkMembers("homelab"), { NODES: names() });
  const start = () =>
    world.run(renderWaitForCluster("homelab"), {
      NODES: world.plan.nodes.map(({ managementAddress }) => managementAddress).join(" "),
    });
  const complaints = () => statusOf(world).complaints;
  const problemOf = (address: string) =>
    statusOf(world).services.find((service) => service.address === address)?.problem;

  before(async () => {
    const talos = { ingressFirewall: { operators: ["home"] } };
    const changes = { "firewall.zones.home": operators, talos, "nodes.talos-k8s-04": worker };
    world = await operatorWorld(planOf("homelab", changes));
    const create = (token: string, inputs: ReturnType<typeof object>) => world.kubernetes.create(token, inputs);
    await create(K.namespace, namespace("metallb-system", "privileged"));
    await create(K.namespace, namespace("demo"));
    await create(K.deployment, deployment("web", "demo"));
    await create(T.release, releaseInputs("metallb", "metallb-system", charts.metallb, metallbValues));
    world.rack.transaction(() => statusOf(world));
    built = configurations();
  });
  afterEach(() => write(built));
  after(() => world.close());

  it("is none of those that are there: the cluster is whole", async () => {
    await start();
    await members();
    assert.deepEqual(complaints(), []);
  });

  it("kubelet: the API server gets at no kubelet but its own", async () => {
    narrow("kubelet");
    await assert.rejects(
      members(),
      /gave up waiting for the API server to get at every kubelet \(port 10250\).*talos-k8s-02: Error from server: error dialing backend: dial tcp 10\.8\.29\.2:10250: i\/o timeout/,
    );
  });

  it("kubernetes-api, for the nodes: workers drop out", async () => {
    narrow("kubernetes-api", operators);
    await assert.rejects(members(), /gave up waiting for all nodes to be Ready; last answer: not Ready: talos-k8s-04/);
  });

  it("asks about new connections only: who was there when the rules changed stays", async () => {
    const changed = (moment: number | undefined) =>
      world.rack.transaction(() => {
        for (const { id } of installations().list())
          installations().edit(id, (body) => {
            if (moment === undefined) delete body.reconfiguredAt;
            else body.reconfiguredAt = moment;
          });
      });
    narrow("kubernetes-api", operators);
    changed(Number.MAX_SAFE_INTEGER);
    await members();
    changed(0);
    await assert.rejects(members(), /not Ready: talos-k8s-04/, "it started after that");
    changed(undefined);
  });

  it("kubernetes-api, for pods: what asks the API server from a pod waits in vain", async () => {
    const create = (token: string, inputs: ReturnType<typeof object>) => world.kubernetes.create(token, inputs);
    const metadata = { name: "ask", namespace: "demo" };
    const rbac = "rbac.authorization.k8s.io";
    await create("kubernetes:core/v1:ServiceAccount", object("v1", "ServiceAccount", metadata));
    const rules = [{ apiGroups: ["metallb.io"], resources: ["l2advertisements"], verbs: ["create"] }];
    await create(`kubernetes:${rbac}/v1:Role`, object(`${rbac}/v1`, "Role", metadata, { rules }));
    const binding = {
      roleRef: { kind: "Role", name: "ask" },
      subjects: [{ kind: "ServiceAccount", name: "ask", namespace: "demo" }],
    };
    await create(`kubernetes:${rbac}/v1:RoleBinding`, object(`${rbac}/v1`, "RoleBinding", metadata, binding));
    const probe = {
      "probe.json": JSON.stringify({ apiVersion: "metallb.io/v1beta1", kind: "L2Advertisement", metadata, spec: {} }),
    };
    await create(K.configMap, object("v1", "ConfigMap", metadata, { data: probe }));
    const command = ["kubectl", "create", "--dry-run=server", "--filename", "/probe/probe.json"];
    const container = {
      name: "ask",
      image: "kubectl:1",
      command,
      volumeMounts: [{ name: "probe", mountPath: "/probe" }],
    };
    const volumes = [{ name: "probe", configMap: { name: "ask" } }];
    const pod = { serviceAccountName: "ask", containers: [container], volumes };
    const job = (name: string) =>
      create(K.job, object("batch/v1", "Job", { ...metadata, name }, { spec: { template: { spec: pod } } }));
    await job("before");
    const nodes = world.plan.nodes.flatMap((node) => [`${node.managementAddress}/32`, `${node.nodeAddress}/32`]);
    narrow("kubernetes-api", [...operators, ...nodes]);
    await assert.rejects(job("after"), /Unable to connect to the server: dial tcp 10\.96\.0\.1:443: i\/o timeout/);
    await members();
  });

  it("trustd: the Talos API of a worker never gets its certificate", async () => {
    narrow("trustd");
    await assert.rejects(start(), /10\.8\.16\.23|talos-k8s-04/);
  });

  it("apid, for the nodes: a control plane hands no question on to another node", async () => {
    narrow("apid", operators);
    await assert.rejects(start(), /10\.8\.16\.2[123]/);
  });

  it("etcd: there is no majority", async () => {
    narrow("etcd");
    await assert.rejects(start(), /etcd/);
  });

  it("metallb: every speaker holds itself for the only one; probes find another way without UDP", async () => {
    const { kubernetes } = world;
    const metadata = { namespace: "metallb-system" };
    const spec = { addresses: ["10.8.31.10-10.8.31.12"] };
    await kubernetes.create(
      K.pool,
      object("metallb.io/v1beta1", "IPAddressPool", { name: "default", ...metadata }, { spec }),
    );
    const advertised = { spec: { ipAddressPools: ["default"], interfaces: ["eth1"] } };
    await kubernetes.create(
      K.advertisement,
      object("metallb.io/v1beta1", "L2Advertisement", { name: "eth1", ...metadata }, advertised),
    );
    await kubernetes.create(K.service, loadBalancer("web", "demo", "10.8.31.11"));
    assert.equal(problemOf("10.8.31.11"), undefined);
    narrow("metallb-udp");
    assert.equal(problemOf("10.8.31.11"), undefined);
    narrow("metallb");
    assert.match(
      problemOf("10.8.31.11") ?? "",
      /^talos-k8s-0\d( and talos-k8s-0\d){3} answer all at once: their speakers do not hear each other on port 7946/,
    );
  });

  it("cilium: the agents do not hear each other's health", () => {
    narrow("cilium");
    assert.equal(complaints().length, 4);
    assert.match(complaints()[0] ?? "", /^Cilium: talos-k8s-01 is unreachable on port 4240 for talos-k8s-02, /);
  });

  it("metrics: Prometheus gets at no node", async () => {
    const create = (token: string, inputs: ReturnType<typeof object>) => world.kubernetes.create(token, inputs);
    await create(K.namespace, namespace("monitoring", "privileged"));
    await create(T.release, releaseInputs("monitoring", "monitoring", charts.monitoring, {}));
    assert.deepEqual(complaints(), []);
    narrow("metrics");
    assert.equal(complaints().length, 8);
    assert.equal(complaints()[0], "Prometheus: target 10.8.28.2:9100 is down");
  });
});
