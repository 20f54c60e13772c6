// Takes the ranges of pods from where the program has them, on purpose, and looks whether the real components notice.
import assert from "node:assert/strict";
import { ensureProgram } from "../../conformance/build-program.ts";
import { type CiliumRequest, judgeByCilium } from "../../conformance/cilium/judge.ts";
import { type ApiServer, startApiServer } from "../../conformance/kubernetes/api-server.ts";
import { controlPlaneOf, nodeConfigurations } from "../../conformance/kubernetes/cluster.ts";
import {
  controllerManagerFlags,
  type NodeConfiguration,
  startControllerManager,
  startNodes,
} from "../../conformance/kubernetes/controllers.ts";
import { podRangeFaults } from "../../conformance/kubernetes/pod-ranges.ts";
import { piece } from "../../conformance/piece.ts";
import { homelabPlan } from "../support/homelab-plan.ts";

const plan = homelabPlan();
const about = {
  subject: "the check of ranges of pods: broken on purpose",
  against: "what the check must say",
  limit: "nothing: this is about the checks themselves",
};

piece(about, () => {
  let nodes: NodeConfiguration[] = [];
  let server: ApiServer | undefined;
  before(async function () {
    this.timeout("60m");
    nodes = await nodeConfigurations(plan);
    // Not within the time of a test.
    for (const name of ["etcd", "kubernetes", "kwok", "cilium"] as const) await ensureProgram(name);
  });
  beforeEach(async () => {
    server = await startApiServer({ servicePrefix: plan.cluster.servicePrefix });
  });
  afterEach(() => server?.stop());

  /** The ranges that Cilium reads from nodes that run beside a controller manager of that configuration. */
  async function rangesWith(change: object, config: CiliumRequest["config"]): Promise<string[]> {
    assert.ok(server);
    const { api, processes } = server;
    await startControllerManager(server, controllerManagerFlags({ ...controlPlaneOf(nodes), ...change }));
    await startNodes(server, nodes);
    if ("controllerManagerArgs" in change) {
      await processes.until("every node has a range", async () => {
        const found = await api.list("v1", "Node");
        return found.every(({ spec }) => (spec as { podCIDR?: string }).podCIDR !== undefined) || undefined;
      });
    }
    const judged = judgeByCilium(await ensureProgram("cilium"), { config, nodes: await api.list("v1", "Node") });
    return judged.nodes.map(({ podPrefix }) => podPrefix).sort();
  }
  const asDeclared = { "annotate-k8s-node": "true" };
  const planned = plan.nodes.map(({ podPrefix }) => podPrefix).sort();

  it("as it is, every node has its planned range", async () => {
    assert.deepEqual(await rangesWith({}, asDeclared), planned);
  });
  it("a controller manager that may hand out ranges does not even start with those of the plan", async () => {
    await assert.rejects(
      rangesWith({ controllerManagerArgs: {} }, asDeclared),
      /len of ClusterCIDRs==3 and they are not configured as dual stack/,
    );
  });
  it("a controller manager that hands out ranges wins over the plan, and is seen", async () => {
    const change = { controllerManagerArgs: {}, podSubnets: ["10.8.28.0/22"] };
    assert.deepEqual(await rangesWith(change, asDeclared), ["10.8.28.0/24", "10.8.29.0/24", "10.8.30.0/24"]);
  });
  it("ranges that share addresses, are not routed or have no room are named", () => {
    const faulty = [
      { name: "one", podPrefix: "10.8.28.0/24" },
      { name: "two", podPrefix: "10.8.28.128/26" },
      { name: "three", podPrefix: "10.9.0.0/25" },
    ];
    assert.deepEqual(podRangeFaults(faulty, plan.cilium.nativeRoutingPrefix, 110), [
      "10.8.28.128/26 of two is in 10.8.28.0/24 of one",
      "10.8.28.128/26 of two is too small for 110 pods",
      "10.9.0.0/25 of three is not in 10.8.28.0/22",
    ]);
  });
  it("agents that do not read the node's annotations have no range", async () => {
    assert.deepEqual(await rangesWith({}, { "annotate-k8s-node": "false" }), ["", "", ""]);
  });
});
