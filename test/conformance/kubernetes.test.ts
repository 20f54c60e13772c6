// What the program installs, as a real API server and Helm's own code see it.
import assert from "node:assert/strict";
import type { KubernetesObject, RenderedChart } from "../../conformance/charts/render-chart.ts";
import { declareStack } from "../../conformance/declared.ts";
import { type ApiServer, startApiServer } from "../../conformance/kubernetes/api-server.ts";
import {
  type AvailableChart,
  availableCharts,
  renderProgramCharts,
} from "../../conformance/kubernetes/program-charts.ts";
import {
  type DeclaredRelease,
  declaredObjects,
  declaredReleases,
  inOrder,
  withoutDefinition,
} from "../../conformance/kubernetes/program-objects.ts";
import { customResourceDefinitions, sources } from "../../conformance/kubernetes/sources.ts";
import { piece } from "../../conformance/piece.ts";
import { pinnedVersion } from "../../conformance/programs.ts";
import { hardwareStacks, type PlannedStack } from "../../conformance/stacks.ts";

const modules = Object.values(sources)
  .map(({ module, version }) => `${module.split("/").at(-1)} ${version}`)
  .join(", ");

for (const planned of hardwareStacks()) {
  piece(
    {
      subject: `Kubernetes objects and charts of stack ${planned.stack}`,
      against: `kube-apiserver ${pinnedVersion("kubernetes")}, etcd ${pinnedVersion("etcd")}, Helm ${pinnedVersion("charts")}; ${modules}`,
      limit: "little: what a cluster makes of them stands at the cluster of the stack",
    },
    () => suite(planned),
  );
}

function suite({ stack, plan }: PlannedStack): void {
  let server: ApiServer | undefined;
  let objects: KubernetesObject[] = [];
  let releases: DeclaredRelease[] = [];
  let rendered: Partial<Record<AvailableChart, RenderedChart>> = {};

  before(async function () {
    this.timeout("40m");
    const recording = await declareStack(plan);
    objects = declaredObjects(recording);
    releases = declaredReleases(recording);
    rendered = await renderProgramCharts(releases, plan.cluster.kubernetesVersion);
    server = await startApiServer({ servicePrefix: plan.cluster.servicePrefix });
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

  for (const name of availableCharts) {
    it(`${stack}: the chart of ${name} knows every value the program sets`, () => {
      const release = releases.find(({ chart }) => chart === name);
      assert.equal(rendered[name]?.version, release?.version);
      assert.deepEqual(rendered[name]?.unknown, []);
    });
  }

  it(`${stack}: Cilium is told the planned pod network`, () => {
    const config = rendered.cilium?.objects.find(({ metadata }) => metadata.name === "cilium-config");
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
    const names = rendered.metallb?.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`) ?? [];
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

  for (const name of availableCharts) {
    it(`${stack}: the API server accepts every object of the chart of ${name}`, async function () {
      this.timeout("5m");
      assert.deepEqual(await apply(rendered[name]?.objects ?? []), []);
    });
  }

  it(`${stack}: objects of kinds whose definition is in no registry`, function () {
    const left = objects.filter(({ apiVersion }) => withoutDefinition.includes(apiVersion));
    // Nothing left: all were applied above.
    if (left.length > 0) this.skip();
  });

  it(`${stack}: charts that are in no registry`, function () {
    const left = releases.filter(({ chart }) => !availableCharts.some((name) => name === chart));
    if (left.length > 0) this.skip();
  });
}
