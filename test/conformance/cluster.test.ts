// A cluster as the program declares it, on a real control plane: which range the pods of a node get, which address a service, who may call whom,
// and what a pod may be.
import assert from "node:assert/strict";
import { ensureProgram } from "../../conformance/build-program.ts";
import type { KubernetesObject, RenderedChart } from "../../conformance/charts/render-chart.ts";
import { judgeByCilium } from "../../conformance/cilium/judge.ts";
import { declareStack } from "../../conformance/declared.ts";
import { type Cluster, nodeConfigurations, startInstalledCluster } from "../../conformance/kubernetes/cluster.ts";
import { podRangeFaults } from "../../conformance/kubernetes/pod-ranges.ts";
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
  withoutDefinition,
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
import { pinnedVersion } from "../../conformance/programs.ts";
import { hardwareStacks, type PlannedStack } from "../../conformance/stacks.ts";

const kubernetes = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"].join(", ");
const versions = (["kwok", "metallb", "cilium", "talos"] as const).map((name) => `${name} ${pinnedVersion(name)}`);

for (const planned of hardwareStacks()) {
  piece(
    {
      subject: `the cluster of stack ${planned.stack}: ranges of pods, addresses of services, policies, rights of pods`,
      against: `${kubernetes} ${pinnedVersion("kubernetes")}; ${versions.join(", ")}: their own code`,
      limit: "that the containers start, and that packets take the ways that are laid out between nodes",
    },
    () => suite(planned),
  );
}

function suite({ stack, plan }: PlannedStack): void {
  let cluster: Cluster | undefined;
  let objects: KubernetesObject[] = [];
  let charts: Record<AvailableChart, RenderedChart>;
  let lan: Lan | undefined;
  const refused: string[] = [];

  before(async function () {
    this.timeout("60m");
    const recording = await declareStack(plan);
    objects = declaredObjects(recording).filter(({ apiVersion }) => !withoutDefinition.includes(apiVersion));
    charts = await renderProgramCharts(declaredReleases(recording), plan.cluster.kubernetesVersion);
    const namespaces = objects.filter(({ kind }) => kind === "Namespace");
    const nodes = await nodeConfigurations(plan);
    cluster = await startInstalledCluster(plan, nodes, namespaces, charts);
    for (const object of inOrder(objects)) {
      const refusal = await cluster.server.api.apply(object, "refuse");
      if (refusal !== undefined) refused.push(refusal);
    }
    if (!cluster.metallb) return;
    await answerBehind(cluster.server, objects);
    lan = await runMetallbSpeakers(cluster.server, nodes);
  });
  after(() => cluster?.server.stop());

  const running = (): Cluster => {
    assert.ok(cluster);
    return cluster;
  };
  const list = (apiVersion: string, kind: string) => running().server.api.list(apiVersion, kind);
  const judge = async (request: { nodes?: KubernetesObject[]; policies?: KubernetesObject[] }) =>
    judgeByCilium(await ensureProgram("cilium"), { config: ciliumConfig(charts.cilium), ...request });

  it(`${stack}: admission, webhooks included, takes every object of the program without a warning`, () => {
    assert.deepEqual(refused, []);
  });

  it(`${stack}: every node has the planned range of pods, as Cilium's agents read it, and nobody gives it another`, async () => {
    const nodes = await list("v1", "Node");
    assert.deepEqual(
      nodes.map(({ spec }) => (spec as { podCIDR?: string }).podCIDR),
      plan.nodes.map(() => undefined),
    );
    assert.deepEqual(
      (await judge({ nodes })).nodes,
      plan.nodes.map(({ name, nodeAddress, podPrefix }) => ({ name, address: nodeAddress, podPrefix })),
    );
  });

  it(`${stack}: the ranges lie in what is routed without translation, apart from each other, with room for all pods`, async () => {
    const { nodes } = await judge({ nodes: await list("v1", "Node") });
    const native = ciliumConfig(charts.cilium)["ipv4-native-routing-cidr"] ?? "";
    assert.deepEqual(podRangeFaults(nodes, native, plan.cluster.maxPodsPerNode), []);
  });

  it(`${stack}: every pod of charts and jobs is let in, finds a node and counts as running`, async () => {
    const { server } = running();
    await server.processes.until("every workload runs", async () => {
      const unfinished = await unfinishedWorkloads(server.api);
      if (unfinished.length > 0) throw new Error(unfinished.join("; "));
      return true;
    });
  });

  it(`${stack}: every pod of the program may be what it is under the level that its namespace enforces`, async () => {
    const { api } = running().server;
    const templates = podTemplates(objects);
    assert.ok(templates.length > 0);
    for (const { name, namespace, template } of templates) {
      const pod = { apiVersion: "v1", kind: "Pod", ...template, metadata: { ...template.metadata, name: "template" } };
      const { status, body } = await api.send("POST", `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod);
      assert.equal(status, 201, `${name} in ${namespace}: ${body["message"]}`);
    }
  });

  it(`${stack}: MetalLB takes pools and advertisements and gives every service the planned address`, async function () {
    const { server, metallb } = running();
    if (!metallb) this.skip();
    const services = await server.processes.until("every service has an address", async () => {
      const asked = storedAddresses(await list("v1", "Service"));
      return asked.every(({ address }) => address !== undefined) ? asked : undefined;
    });
    assert.deepEqual(services, plannedAddresses(plan));
  });

  it(`${stack}: MetalLB counts as many addresses left as planned, in the planned pools`, async function () {
    const { server, metallb } = running();
    if (!metallb) this.skip();
    const assigned = plan.loadBalancer.services.length;
    const sum = (pools: readonly KubernetesObject[], count: string): number =>
      pools.reduce((total, { status }) => total + ((status as Record<string, number> | undefined)?.[count] ?? 0), 0);
    const pools = await server.processes.until(`MetalLB counts ${assigned} services`, async () => {
      const found = await list("metallb.io/v1beta1", "IPAddressPool");
      return sum(found, "assignedIPv4") === assigned ? found : undefined;
    });
    assert.equal(sum(pools, "availableIPv4"), plan.loadBalancer.available);
    assert.deepEqual(
      pools.map(({ metadata, spec }) => ({ name: metadata.name, ...(spec as object) })),
      plan.loadBalancer.pools.map(({ name, range, autoAssign }) => ({
        name,
        addresses: [range],
        autoAssign,
        avoidBuggyIPs: false,
      })),
    );
    const advertisements = await list("metallb.io/v1beta1", "L2Advertisement");
    assert.deepEqual(
      advertisements.map(({ spec }) => spec),
      [{ ipAddressPools: plan.loadBalancer.pools.map(({ name }) => name), interfaces: [plan.loadBalancer.interface] }],
    );
  });

  it(`${stack}: one node answers for each of these addresses, on the planned interface and on no other`, async function () {
    const { server } = running();
    if (lan === undefined) this.skip();
    const { services, interface: link } = plan.loadBalancer;
    const answers = await settledAnswers(server, lan, plan);
    assert.deepEqual(
      answers.map((answer) => ({ address: answer.address, link: answer.link })).sort(byAddress),
      services.map(({ address }) => ({ address, link })).sort(byAddress),
    );
    const states = await list("metallb.io/v1beta1", "ConfigurationState");
    const parts = ["controller", ...plan.nodes.map(({ name }) => `speaker-${name}`)];
    assert.deepEqual(
      states.map(({ metadata, status }) => [metadata.name, (status as { result: string }).result]),
      parts.map((name) => [name, "Valid"]),
    );
    // The speakers here do not find the file that says so on a node.
    assert.deepEqual(neverAnnounced(charts.metallb, link), []);
  });

  it(`${stack}: the planned denials are what is denied to pods on their way out, and Cilium reads them so`, async () => {
    const policies = await list("cilium.io/v2", "CiliumClusterwideNetworkPolicy");
    assert.deepEqual(storedDenials(policies), plannedDenials(plan));
    // Beside the denials everything stays allowed.
    assert.deepEqual(
      (await judge({ policies })).policies,
      policies.map(({ metadata }) => ({ name: metadata.name, deniesEgress: false, deniesIngress: false })),
    );
  });

  it(`${stack}: nobody calls a workload but its own namespace, the ingress and the monitoring, and Cilium reads it so`, async () => {
    const policies = await list("networking.k8s.io/v1", "NetworkPolicy");
    assert.deepEqual(storedAllowances(policies), plannedAllowances(plan));
    assert.deepEqual(
      (await judge({ policies })).policies,
      policies.map(({ metadata }) => ({ name: metadata.name, deniesEgress: false, deniesIngress: true })),
    );
  });
}

const byAddress = (one: { readonly address: string }, other: { readonly address: string }): number =>
  one.address < other.address ? -1 : 1;
