// A cluster as the program declares it, on a real control plane: which range the pods of a node get, which address a service, who may call whom,
// and what a pod may be.
import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { ensureProgram } from "../../conformance/build-program.ts";
import type { KubernetesObject, RenderedChart } from "../../conformance/charts/render-chart.ts";
import { judgeByCilium } from "../../conformance/cilium/judge.ts";
import { declareStack } from "../../conformance/declared.ts";
import { type Cluster, nodeConfigurations, startInstalledCluster } from "../../conformance/kubernetes/cluster.ts";
import { type AvailableChart, ciliumConfig, renderProgramCharts } from "../../conformance/kubernetes/program-charts.ts";
import {
  declaredObjects,
  declaredReleases,
  inOrder,
  podTemplates,
  withoutDefinition,
} from "../../conformance/kubernetes/program-objects.ts";
import { unfinishedWorkloads } from "../../conformance/kubernetes/workloads.ts";
import { piece } from "../../conformance/piece.ts";
import { pinnedVersion } from "../../conformance/programs.ts";
import { hardwareStacks, type PlannedStack } from "../../conformance/stacks.ts";
import { memberPrefixes } from "../../plan/prefix-cover.ts";

const kubernetes = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"].join(", ");
const versions = (["kwok", "metallb", "cilium", "talos"] as const).map((name) => `${name} ${pinnedVersion(name)}`);

for (const planned of hardwareStacks()) {
  piece(
    {
      subject: `the cluster of stack ${planned.stack}: ranges of pods, addresses of services, policies, rights of pods`,
      against: `${kubernetes} ${pinnedVersion("kubernetes")}; ${versions.join(", ")}: their own code`,
      limit: "that the containers start, and that packets take the ways that are laid out",
    },
    () => suite(planned),
  );
}

function suite({ stack, plan }: PlannedStack): void {
  let cluster: Cluster | undefined;
  let objects: KubernetesObject[] = [];
  let charts: Record<AvailableChart, RenderedChart>;
  const refused: string[] = [];

  before(async function () {
    this.timeout("60m");
    const recording = await declareStack(plan);
    objects = declaredObjects(recording).filter(({ apiVersion }) => !withoutDefinition.includes(apiVersion));
    charts = await renderProgramCharts(declaredReleases(recording), plan.cluster.kubernetesVersion);
    const namespaces = objects.filter(({ kind }) => kind === "Namespace");
    cluster = await startInstalledCluster(plan, await nodeConfigurations(plan), namespaces, charts);
    for (const object of inOrder(objects)) {
      const refusal = await cluster.server.api.apply(object, "refuse");
      if (refusal !== undefined) refused.push(refusal);
    }
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
    const native = prefixSet(ciliumConfig(charts.cilium)["ipv4-native-routing-cidr"] ?? "");
    for (const { name, podPrefix } of nodes) {
      const [network = "", length] = podPrefix.split("/");
      assert.ok(native.check(network), `${podPrefix} of ${name} is not routed natively`);
      const others = nodes.filter((other) => other.name !== name);
      assert.ok(
        !others.some((other) => prefixSet(other.podPrefix).check(network)),
        `${podPrefix} is not ${name}'s alone`,
      );
      // Network, broadcast, Cilium's router and its health check.
      assert.ok(2 ** (32 - Number(length)) - 4 >= plan.cluster.maxPodsPerNode, `${podPrefix} is too small`);
    }
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
      const asked = (await list("v1", "Service")).map(loadBalancer).filter((service) => service !== undefined);
      return asked.every(({ address }) => address !== undefined) ? asked : undefined;
    });
    const planned = plan.loadBalancer.services.map(({ name, address, ports }) => ({
      name: `${name}-address`,
      address,
      ports,
    }));
    assert.deepEqual(services.sort(byName), planned.sort(byName));
    const states = await list("metallb.io/v1beta1", "ConfigurationState");
    assert.deepEqual(
      states.map(({ status }) => (status as { result: string }).result),
      ["Valid"],
    );
  });

  it(`${stack}: MetalLB counts as many addresses left as planned, and announces them on the planned interface`, async function () {
    const { server, metallb } = running();
    if (!metallb) this.skip();
    const assigned = plan.loadBalancer.services.length;
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

  it(`${stack}: the planned denials are what is denied to pods on their way out, and Cilium reads them so`, async () => {
    const policies = await list("cilium.io/v2", "CiliumClusterwideNetworkPolicy");
    const planned = plan.firewall.podEgressDenials.map(({ name, to, protocol, ports }) => ({
      name: `deny-${name}`,
      to: to.flatMap(memberPrefixes).sort(),
      protocol,
      ports,
    }));
    assert.deepEqual(policies.map(denial).sort(byName), planned.sort(byName));
    // Beside the denials everything stays allowed.
    assert.deepEqual(
      (await judge({ policies })).policies,
      policies.map(({ metadata }) => ({ name: metadata.name, deniesEgress: false, deniesIngress: false })),
    );
  });

  it(`${stack}: nobody calls a workload but its own namespace, the ingress and the monitoring, and Cilium reads it so`, async () => {
    const policies = await list("networking.k8s.io/v1", "NetworkPolicy");
    const asked = { traefik: "traefik", prometheus: "monitoring" };
    const callers = Object.entries(asked).flatMap(([service, namespace]) =>
      plan.loadBalancer.services.some(({ name }) => name === service) ? [namespace] : [],
    );
    const expected = [
      { name: "default-deny-ingress", in: "workloads", types: ["Ingress"], from: [] },
      { name: "allow-same-namespace", in: "workloads", types: ["Ingress"], from: ["workloads"] },
      ...(callers.length === 0 ? [] : [{ name: "allow-callers", in: "workloads", types: ["Ingress"], from: callers }]),
    ];
    assert.deepEqual(policies.map(allowance).sort(byName), expected.sort(byName));
    assert.deepEqual(
      (await judge({ policies })).policies,
      policies.map(({ metadata }) => ({ name: metadata.name, deniesEgress: false, deniesIngress: true })),
    );
  });
}

const byName = (one: { readonly name?: string }, other: { readonly name?: string }): number =>
  (one.name ?? "") < (other.name ?? "") ? -1 : 1;

function prefixSet(prefix: string): BlockList {
  const [network = "", length] = prefix.split("/");
  const set = new BlockList();
  set.addSubnet(network, Number(length));
  return set;
}

const sum = (pools: readonly KubernetesObject[], count: string): number =>
  pools.reduce((total, { status }) => total + ((status as Record<string, number> | undefined)?.[count] ?? 0), 0);

function loadBalancer({ metadata, spec, status }: KubernetesObject) {
  const { type, ports } = spec as { type: string; ports: readonly { port: number }[] };
  if (type !== "LoadBalancer") return undefined;
  const [first] = (status as { loadBalancer: { ingress?: readonly { ip: string }[] } }).loadBalancer.ingress ?? [];
  return { name: metadata.name ?? "", address: first?.ip, ports: ports.map(({ port }) => port) };
}

/** A policy that denies, in the words of the plan. */
function denial({ metadata, spec }: KubernetesObject) {
  const {
    egressDeny,
    description: _,
    endpointSelector,
    enableDefaultDeny: __,
    ...rest
  } = spec as Record<string, unknown>;
  assert.deepEqual([endpointSelector, rest], [{}, {}], `${metadata.name} does more than deny what leaves a pod`);
  const [rule, ...more] = egressDeny as {
    toCIDR: string[];
    toPorts?: { ports: { port: string; protocol: string }[] }[];
    icmps?: unknown[];
  }[];
  assert.ok(rule !== undefined && more.length === 0);
  const ports = rule.toPorts?.flatMap((part) => part.ports) ?? [];
  return {
    name: metadata.name ?? "",
    to: [...rule.toCIDR].sort(),
    protocol: rule.icmps === undefined ? (ports[0]?.protocol.toLowerCase() ?? "any") : "icmp",
    ports: ports.map(({ port }) => Number(port)).filter((port) => port > 0),
  };
}

/** A policy that allows: whose pods may call those of its namespace. */
function allowance({ metadata, spec }: KubernetesObject) {
  const {
    podSelector,
    policyTypes,
    ingress = [],
  } = spec as {
    podSelector: object;
    policyTypes: string[];
    ingress?: { from: { namespaceSelector?: { matchLabels: Record<string, string> } }[] }[];
  };
  assert.deepEqual(podSelector, {});
  const from = ingress
    .flatMap((rule) => rule.from)
    .map(({ namespaceSelector }) =>
      namespaceSelector === undefined
        ? metadata.namespace
        : namespaceSelector.matchLabels["kubernetes.io/metadata.name"],
    );
  return { name: metadata.name ?? "", in: metadata.namespace, types: policyTypes, from };
}
