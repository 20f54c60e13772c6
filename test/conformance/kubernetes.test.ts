// What the program installs, as a real API server and Helm's own code see it.
import assert from "node:assert/strict";
import { ensureProgram } from "../../conformance/build-program.ts";
import { type KubernetesObject, type RenderedChart, renderChart } from "../../conformance/charts/render-chart.ts";
import { declareStack } from "../../conformance/declared.ts";
import { type ApiServer, startApiServer } from "../../conformance/kubernetes/api-server.ts";
import {
  type DeclaredRelease,
  declaredObjects,
  declaredReleases,
  inOrder,
} from "../../conformance/kubernetes/program-objects.ts";
import { chartFolder, customResourceDefinitions, sources } from "../../conformance/kubernetes/sources.ts";
import { piece } from "../../conformance/piece.ts";
import { pinnedVersion } from "../../conformance/programs.ts";
import { hardwareStacks, type PlannedStack } from "../../conformance/stacks.ts";

/** Whose charts come with a Go module; the others are served from places that hold no packages. */
const available = ["cilium", "metallb"] as const;
/** Groups whose definitions come with no module in reach. */
const withoutDefinition = ["piraeus.io/v1"];

const modules = Object.values(sources)
  .map(({ module, version }) => `${module.split("/").at(-1)} ${version}`)
  .join(", ");

for (const planned of hardwareStacks()) {
  piece(
    {
      subject: `Kubernetes objects and charts of stack ${planned.stack}`,
      against: `kube-apiserver ${pinnedVersion("kubernetes")}, etcd ${pinnedVersion("etcd")}, Helm ${pinnedVersion("charts")}; ${modules}`,
      limit: "that the workloads run, get their addresses and reach each other",
    },
    () => suite(planned),
  );
}

function suite({ stack, plan }: PlannedStack): void {
  let server: ApiServer | undefined;
  let objects: KubernetesObject[] = [];
  let releases: DeclaredRelease[] = [];
  const rendered = new Map<string, RenderedChart>();

  before(async function () {
    this.timeout("40m");
    const recording = await declareStack(plan);
    objects = declaredObjects(recording);
    releases = declaredReleases(recording);
    const program = await ensureProgram("charts");
    for (const name of available) {
      const release = releases.find(({ chart }) => chart === name);
      if (release === undefined) continue;
      const { name: releaseName, namespace, values } = release;
      const { kubernetesVersion } = plan.cluster;
      const chart = await chartFolder(name);
      rendered.set(name, renderChart(program, { chart, release: releaseName, namespace, kubernetesVersion, values }));
    }
    server = await startApiServer(plan.cluster.servicePrefix);
  });
  after(() => server?.stop());

  const apply = async (some: readonly KubernetesObject[]): Promise<string[]> => {
    assert.ok(server);
    const refused: string[] = [];
    for (const object of inOrder(some)) {
      const refusal = await server.api.apply(object);
      if (refusal !== undefined) refused.push(refusal);
    }
    return refused;
  };

  for (const name of available) {
    it(`${stack}: the chart of ${name} knows every value the program sets`, () => {
      const release = releases.find(({ chart }) => chart === name);
      assert.equal(rendered.get(name)?.version, release?.version);
      assert.deepEqual(rendered.get(name)?.unknown, []);
    });
  }

  it(`${stack}: Cilium is told the planned pod network`, () => {
    const config = rendered.get("cilium")?.objects.find(({ metadata }) => metadata.name === "cilium-config");
    assert.ok(config);
    const { devices, directRoutingDevice, nativeRoutingPrefix, masquerade } = plan.cilium;
    const told = config["data"] as Record<string, string>;
    const expected = {
      ipam: "kubernetes",
      "routing-mode": "native",
      "ipv4-native-routing-cidr": nativeRoutingPrefix,
      "auto-direct-node-routes": "true",
      "annotate-k8s-node": "true",
      "k8s-require-ipv4-pod-cidr": "true",
      "enable-ipv4-masquerade": String(masquerade),
      "kube-proxy-replacement": "true",
      devices: devices.join(" "),
      "direct-routing-device": directRoutingDevice,
    };
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, told[key]])), expected);
  });

  it(`${stack}: MetalLB comes without its own FRR, which would need a router to talk to`, () => {
    const names = rendered.get("metallb")?.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`) ?? [];
    assert.ok(names.includes("DaemonSet metallb-speaker"));
    assert.deepEqual(
      names.filter((name) => name.includes("frr")),
      [],
    );
  });

  it(`${stack}: the API server accepts the definitions and every object the program declares`, async function () {
    this.timeout("5m");
    assert.ok(server);
    const definitions = [
      ...(await customResourceDefinitions("cilium")),
      ...(await customResourceDefinitions("metallb")),
      ...(await customResourceDefinitions("prometheusOperator")),
      ...(await customResourceDefinitions("talos")),
    ];
    assert.deepEqual(await apply(definitions), []);
    const known = objects.filter(({ apiVersion }) => !withoutDefinition.includes(apiVersion));
    const custom = known.filter(
      ({ apiVersion }) => apiVersion.split("/")[0]?.includes(".") && !apiVersion.includes("k8s.io"),
    );
    for (const { apiVersion, kind } of custom) await server.api.waitForKind(apiVersion, kind);
    assert.deepEqual(await apply(known), []);
  });

  it(`${stack}: the pools and services that are stored hold the planned addresses`, async () => {
    assert.deepEqual(
      objects.filter(({ kind }) => kind === "IPAddressPool").map(({ metadata }) => metadata.name),
      plan.loadBalancer.pools.map(({ name }) => name),
    );
    for (const pool of plan.loadBalancer.pools) {
      const metadata = { name: pool.name, namespace: "metallb-system" };
      const stored = await server?.api.read({ apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool", metadata });
      assert.deepEqual(stored?.["spec"], {
        addresses: [pool.range],
        autoAssign: pool.autoAssign,
        avoidBuggyIPs: false,
      });
    }
    const asked = await Promise.all(
      objects.filter(({ kind }) => kind === "Service").map(async (object) => await server?.api.read(object)),
    );
    const addresses = asked.map(
      (service) => (service?.metadata["annotations"] as Record<string, string>)?.["metallb.io/loadBalancerIPs"],
    );
    assert.deepEqual(addresses.sort(), plan.loadBalancer.services.map(({ address }) => address).sort());
  });

  it(`${stack}: every denial of the plan is a stored policy`, async () => {
    const policies = objects.filter(({ kind }) => kind === "CiliumClusterwideNetworkPolicy");
    const stored = await Promise.all(policies.map(async (policy) => await server?.api.read(policy)));
    const denied = stored.flatMap((policy) =>
      ((policy?.["spec"] ?? { egressDeny: [] }) as { egressDeny: { toCIDR: string[] }[] }).egressDeny.flatMap(
        ({ toCIDR }) => toCIDR,
      ),
    );
    const planned = plan.firewall.podEgressDenials.filter(({ enabled }) => enabled).flatMap(({ to }) => to);
    assert.deepEqual(
      [...new Set(denied)].sort(),
      [...new Set(planned.map((to) => (to.includes("/") ? to : `${to}/32`)))].sort(),
    );
  });

  for (const name of available) {
    it(`${stack}: the API server accepts every object of the chart of ${name}`, async function () {
      this.timeout("5m");
      assert.deepEqual(await apply(rendered.get(name)?.objects ?? []), []);
    });
  }

  it(`${stack}: objects of kinds whose definition is in no registry`, function () {
    const left = objects.filter(({ apiVersion }) => withoutDefinition.includes(apiVersion));
    // Nothing left: all were applied above.
    if (left.length > 0) this.skip();
  });

  it(`${stack}: charts that are in no registry`, function () {
    const left = releases.filter(({ chart }) => !available.some((name) => name === chart));
    if (left.length > 0) this.skip();
  });
}
