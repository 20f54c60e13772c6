// Breaks what a cluster is told, on purpose, and looks whether the real components notice, and for that reason.
import assert from "node:assert/strict";
import { ensureProgram } from "../../conformance/build-program.ts";
import type { KubernetesObject, RenderedChart } from "../../conformance/charts/render-chart.ts";
import { judgeByCilium } from "../../conformance/cilium/judge.ts";
import { declareStack } from "../../conformance/declared.ts";
import type { ApiServer } from "../../conformance/kubernetes/api-server.ts";
import { type Cluster, nodeConfigurations, startInstalledCluster } from "../../conformance/kubernetes/cluster.ts";
import {
  plannedAllowances,
  plannedDenials,
  storedAllowances,
  storedDenials,
} from "../../conformance/kubernetes/policies.ts";
import { type AvailableChart, ciliumConfig, renderProgramCharts } from "../../conformance/kubernetes/program-charts.ts";
import {
  declaredObjects,
  declaredReleases,
  inOrder,
  podTemplates,
} from "../../conformance/kubernetes/program-objects.ts";
import { plannedAddresses, storedAddresses } from "../../conformance/kubernetes/service-addresses.ts";
import { unfinishedWorkloads } from "../../conformance/kubernetes/workloads.ts";
import type { Lan } from "../../conformance/metallb/lan.ts";
import {
  answerBehind,
  neverAnnounced,
  runMetallbSpeakers,
  settledAnswers,
} from "../../conformance/metallb/run-speakers.ts";
import { piece } from "../../conformance/piece.ts";
import { homelabPlan } from "../support/homelab-plan.ts";

const plan = homelabPlan();
const about = {
  subject: "the check of a cluster's services, pods and policies: broken on purpose",
  against: "what the check must say",
  limit: "nothing: this is about the checks themselves",
};

piece(about, () => {
  let cluster: Cluster | undefined;
  let lan: Lan | undefined;
  let objects: KubernetesObject[] = [];
  let charts: Record<AvailableChart, RenderedChart>;
  before(async function () {
    this.timeout("60m");
    const recording = await declareStack(plan);
    objects = declaredObjects(recording);
    charts = await renderProgramCharts(declaredReleases(recording), plan.cluster.kubernetesVersion);
    const namespaces = objects.filter(({ kind }) => kind === "Namespace");
    const nodes = await nodeConfigurations(plan);
    cluster = await startInstalledCluster(plan, nodes, namespaces, charts);
    for (const object of inOrder(objects)) assert.equal(await cluster.server.api.apply(object), undefined);
    if (!cluster.metallb) return;
    await answerBehind(cluster.server, objects);
    lan = await runMetallbSpeakers(cluster.server, nodes);
  });
  after(() => cluster?.server.stop());

  const running = (): ApiServer => {
    assert.ok(cluster);
    return cluster.server;
  };
  const declared = (kind: string): KubernetesObject => {
    const found = objects.find((object) => object.kind === kind);
    assert.ok(found);
    return structuredClone(found);
  };
  const silence = async (network: Lan): Promise<void> => {
    const addresses = plan.loadBalancer.services.map(({ address }) => address);
    await running().processes.until("nobody answers", async () => {
      const answers = await network.whoHas(addresses);
      if (answers.length > 0) throw new Error(JSON.stringify(answers));
      return true;
    });
  };
  const refusal = async (object: KubernetesObject): Promise<string> =>
    (await running().api.apply(object, "refuse")) ?? "accepted";

  it("an advertisement on another link is answered for there", async function () {
    if (lan === undefined) this.skip();
    const links = async (network: Lan): Promise<string[]> => [
      ...new Set((await settledAnswers(running(), network, plan)).map(({ link }) => link)),
    ];
    assert.deepEqual(await links(lan), [plan.loadBalancer.interface]);
    const advertisement = declared("L2Advertisement");
    const spec = { ...(advertisement["spec"] as object), interfaces: ["eth0"] };
    assert.equal(await refusal({ ...advertisement, spec }), "accepted");
    const network = lan;
    await running().processes.until("the answers come from there", async () => {
      const seen = (await links(network)).join();
      return seen === "eth0" || undefined;
    });
  });
  it("control planes with the label that Talos gives them by itself: nobody answers", async function () {
    if (lan === undefined) this.skip();
    const label = { "node.kubernetes.io/exclude-from-external-load-balancers": "" };
    for (const { name } of plan.nodes) {
      const patch = { metadata: { labels: label } };
      await running().api.send("PATCH", `/api/v1/nodes/${name}`, patch, "application/merge-patch+json");
    }
    await silence(lan);
  });
  it("a link whose name the speakers leave alone is seen", () => {
    assert.deepEqual(neverAnnounced(charts.metallb, "veth1"), ["^veth.*"]);
  });
  it("a service that asks for an address outside of the pools gets none", async function () {
    if (!cluster?.metallb) this.skip();
    const { api, processes } = running();
    const service = declared("Service");
    const metadata = {
      ...service.metadata,
      name: "outside",
      annotations: { "metallb.io/loadBalancerIPs": "10.8.31.250" },
    };
    assert.equal(await refusal({ ...service, metadata }), "accepted");
    const said = await processes.until("MetalLB speaks of it", async () => {
      const events = await api.list("v1", "Event");
      return events.find(({ involvedObject }) => (involvedObject as { name: string }).name === "outside");
    });
    assert.match(String(said["message"]), /10\.8\.31\.250.* is not allowed in config/);
    const stored = await api.read({ ...service, metadata });
    assert.deepEqual(stored?.["status"], { loadBalancer: {} });
  });
  it("a service with another address than the plan's is seen", async function () {
    if (!cluster?.metallb) this.skip();
    const { api, processes } = running();
    const service = declared("Service");
    const annotations = { "metallb.io/loadBalancerIPs": "10.8.31.77" };
    assert.equal(await refusal({ ...service, metadata: { ...service.metadata, annotations } }), "accepted");
    const moved = await processes.until("the service has moved", async () => {
      const found = storedAddresses(await api.list("v1", "Service"));
      return found.find(({ address }) => address === "10.8.31.77");
    });
    assert.ok(plannedAddresses(plan).some(({ name, address }) => name === moved.name && address !== moved.address));
  });
  it("services give up their addresses as the program has them do it, and get each other's; a pool that makes room is taken", async function () {
    if (!cluster?.metallb) this.skip();
    const { api, processes } = running();
    const service = declared("Service");
    const named = (name: string, address: string): KubernetesObject => {
      const metadata = { ...service.metadata, name, annotations: { "metallb.io/loadBalancerIPs": address } };
      return { ...service, metadata };
    };
    const have = async (left: string | undefined, right: string | undefined): Promise<void> => {
      await processes.until(`left has ${left} and right has ${right}`, async () => {
        const stored = new Map(storedAddresses(await api.list("v1", "Service")).map((one) => [one.name, one.address]));
        return stored.get("left") === left && stored.get("right") === right ? true : undefined;
      });
    };
    const [one, two] = ["10.8.31.60", "10.8.31.61"];
    for (const object of [named("left", one), named("right", two)]) assert.equal(await refusal(object), "accepted");
    await have(one, two);
    const merge = "application/merge-patch+json";
    const release = async (name: string): Promise<void> => {
      const path = `/api/v1/namespaces/${service.metadata.namespace}/services/${name}`;
      const { status, body } = await api.send("PATCH", path, { spec: { type: "ClusterIP" } }, merge);
      assert.equal(status, 200, String(body["message"]));
    };
    for (const name of ["left", "right"]) await release(name);
    for (const object of [named("left", two), named("right", one)]) assert.equal(await refusal(object), "accepted");
    await have(two, one);
    const pool = declared("IPAddressPool");
    const path = `/apis/metallb.io/v1beta1/namespaces/${pool.metadata.namespace}/ipaddresspools/${pool.metadata.name}`;
    const parked = { spec: { addresses: ["192.0.2.1-192.0.2.1"] } };
    assert.equal((await api.send("PATCH", path, parked, merge)).status, 200);
    assert.equal(await refusal(pool), "accepted");
    await have(two, one);
  });
  it("a pool that overlaps the planned one is refused by MetalLB", async function () {
    if (!cluster?.metallb) this.skip();
    const pool = declared("IPAddressPool");
    const metadata = { ...pool.metadata, name: "second" };
    assert.match(
      await refusal({ ...pool, metadata, spec: { addresses: ["10.8.31.200-10.8.31.220"] } }),
      /denied the request: .*overlaps/,
    );
  });
  it("a pool that ends before it begins is refused by MetalLB", async function () {
    if (!cluster?.metallb) this.skip();
    const pool = declared("IPAddressPool");
    assert.match(
      await refusal({ ...pool, spec: { addresses: ["10.8.31.200-10.8.31.10"] } }),
      /denied the request: .*invalid CIDR/,
    );
  });
  it("an advertisement in another namespace, which announces nothing, is refused by MetalLB", async function () {
    if (!cluster?.metallb) this.skip();
    const advertisement = declared("L2Advertisement");
    const metadata = { ...advertisement.metadata, namespace: "workloads" };
    assert.match(await refusal({ ...advertisement, metadata }), /must be created in metallb-system namespace/);
  });

  it("a job whose pods may do more than their namespace allows is warned of, and its pods are refused", async () => {
    const job = JSON.parse(
      JSON.stringify(declared("CronJob")).replaceAll('"runAsNonRoot":true', '"runAsNonRoot":false'),
    );
    assert.match(await refusal(job), /would violate PodSecurity ..restricted:latest..: runAsNonRoot != true/);
    const [made] = podTemplates([job]);
    assert.ok(made);
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "template" }, ...made.template };
    const path = `/api/v1/namespaces/${made.namespace}/pods?dryRun=All`;
    const { status, body } = await running().api.send("POST", path, pod);
    assert.equal(status, 403);
    assert.match(String(body["message"]), /violates PodSecurity "restricted:latest": runAsNonRoot != true/);
  });
  it("a job that no node takes in is seen", async () => {
    const job = declared("Job");
    const template = { spec: { nodeSelector: { disk: "none" }, restartPolicy: "Never", containers: [busy] } };
    const metadata = { name: "nowhere", namespace: job.metadata.namespace ?? "" };
    assert.equal(await refusal({ ...job, metadata, spec: { template } }), "accepted");
    const unfinished = await unfinishedWorkloads(running().api);
    assert.ok(unfinished.includes(`Job ${metadata.namespace}/nowhere has 0 of 1 pods`), unfinished.join("; "));
  });

  const judge = async (policy: KubernetesObject, config = ciliumConfig(charts.cilium)) => {
    const [judged] = judgeByCilium(await ensureProgram("cilium"), { config, policies: [policy] }).policies;
    assert.ok(judged);
    return judged;
  };
  it("a policy that the API server takes but Cilium cannot read is seen", async () => {
    const policy = declared("CiliumClusterwideNetworkPolicy");
    const egressDeny = [{ toCIDR: ["10.8.16.12/32"], toEntities: ["world"] }];
    const broken = { ...policy, metadata: { name: "broken" }, spec: { ...(policy["spec"] as object), egressDeny } };
    assert.equal(await refusal(broken), "accepted");
    assert.match(
      (await judge(broken)).error ?? "read",
      /combining To(CIDR|Entities) and To(CIDR|Entities) is not supported/,
    );
  });
  it("a policy that says something else than the plan is seen", async () => {
    const { api } = running();
    const kind = "CiliumClusterwideNetworkPolicy";
    const stored = (await api.list("cilium.io/v2", kind)).filter(({ metadata }) => metadata.name !== "broken");
    assert.deepEqual(storedDenials(stored), plannedDenials(plan));
    const other = JSON.parse(JSON.stringify(stored).replace('"8006"', '"8007"')) as KubernetesObject[];
    assert.notDeepEqual(storedDenials(other), plannedDenials(plan));
    assert.notDeepEqual(storedDenials(stored.slice(1)), plannedDenials(plan));
    const some = JSON.parse(JSON.stringify(stored).replace('"endpointSelector":{}', '"endpointSelector":{"a":1}'));
    assert.throws(() => storedDenials(some), /is not one denial for all pods/);
    const callers = await api.list("networking.k8s.io/v1", "NetworkPolicy");
    assert.deepEqual(storedAllowances(callers), plannedAllowances(plan));
    const anybody = JSON.parse(JSON.stringify(callers).replace('"traefik"', '"default"')) as KubernetesObject[];
    assert.notDeepEqual(storedAllowances(anybody), plannedAllowances(plan));
  });
  it("a denial that leaves out that everything else stays allowed is seen", async () => {
    const policy = declared("CiliumClusterwideNetworkPolicy");
    const { enableDefaultDeny: _, ...spec } = policy["spec"] as Record<string, unknown>;
    assert.equal((await judge({ ...policy, spec })).deniesEgress, true);
  });
  it("a Cilium that knows no denials without that is seen", async () => {
    const config = { ...ciliumConfig(charts.cilium), "enable-non-default-deny-policies": "false" };
    assert.equal((await judge(declared("CiliumClusterwideNetworkPolicy"), config)).deniesEgress, true);
  });
});

const busy = { name: "busy", image: "busybox" };
