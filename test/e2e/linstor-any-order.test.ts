// In whatever order things are made that wait for nothing of each other, and whichever call fails or loses its answer: no connection before its
// interfaces, no class before its paths, and the next run gets there. The program's own component, against the rack, without an engine.
import assert from "node:assert/strict";
import { LinstorStorageNetwork } from "../../components/linstor-storage-network.ts";
import type { Properties } from "../../lab/plugin/wire.ts";
import { addFault, clearFaults } from "../../lab/rack/faults.ts";
import { type Api, listKind } from "../../lab/rack/kubernetes/objects.ts";
import { linstorState } from "../../lab/rack/linstor/state.ts";
import { listClusters } from "../../lab/rack/talos/cluster.ts";
import type { LinstorPlan } from "../../plan/plan.ts";
import { Plugin } from "../lab/furnished-rack.ts";
import { readyCluster } from "../lab/kubernetes-world.ts";
import type { ClusterWorld } from "../lab/talos-world.ts";
import { ms01Plan } from "../support/homelab-plan.ts";
import { type RecordedResource, recordResources } from "../support/record-resources.ts";

const plan = ms01Plan().linstor as LinstorPlan;

/** What each resource waits for: its own dependencies and those of the components it is in, which are registered after theirs. */
function dependencies(resources: readonly RecordedResource[]): Map<string, Set<string>> {
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const of = ({ dependsOn, parent }: RecordedResource): string[] => {
    const above = parent === undefined ? undefined : byName.get(parent);
    return [...dependsOn, ...(above === undefined ? [] : of(above))];
  };
  return new Map(resources.map((resource) => [resource.name, new Set(of(resource))]));
}

/** Everything but the operator and the proof that its webhook answers. */
const isOfLinstor = (name: string): boolean => !/^linstor-(namespace|operator|gate)/.test(name);

/** Numbers that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe("LINSTOR, made in any order and broken at any call", function () {
  this.timeout(120_000);
  let world: ClusterWorld;
  let resources: readonly RecordedResource[];
  let waits: Map<string, Set<string>>;
  let tables: string[];
  let installed: ReadonlySet<string>;
  before(async () => {
    const recording = await recordResources(
      () => new LinstorStorageNetwork("linstor", { plan, kubernetesVersion: "v1.35.0" }),
    );
    waits = dependencies(recording.resources);
    resources = recording.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    world = await readyCluster(ms01Plan());
    world.rack.settings = { latencyScale: 0, patienceMs: 300 };
    // The operator first: without it nothing of LINSTOR's can be asked for.
    const under = resources.filter(({ name }) => !isOfLinstor(name));
    assert.equal(
      await run(new Set(resources.filter(({ name }) => isOfLinstor(name)).map(({ name }) => name)), () => 0),
      undefined,
    );
    installed = new Set(under.map(({ name }) => name));
    tables = world.rack
      .sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
      .map(({ name }) => String(name));
    for (const table of tables) world.rack.sql(`CREATE TABLE "before_${table}" AS SELECT * FROM "${table}"`).run();
  });
  after(() => world?.close());
  const startAgain = () =>
    world.rack.transaction(() => {
      // A write that the rack knows of, so that it trusts nothing it has kept in mind.
      world.rack.settings = { latencyScale: 0, patienceMs: 300 };
      for (const table of tables) {
        world.rack.sql(`DELETE FROM "${table}"`).run();
        world.rack.sql(`INSERT INTO "${table}" SELECT * FROM "before_${table}"`).run();
      }
    });

  const api = (): Api => {
    const [cluster] = listClusters(world.rack);
    if (cluster === undefined) throw new Error("no cluster");
    return { rack: world.rack, cluster };
  };

  /** What has to be so at every moment. */
  function assertOrder(moment: string): void {
    const state = linstorState(api());
    assert.equal(state.burnCount, 0, `${moment}: the controller looks for ${state.burning.join(", ")}`);
    if (listKind(api(), "LinstorNodeConnection").length > 0)
      for (const { node, name, address } of plan.interfaces)
        assert.equal(
          state.nodes[node]?.interfaces[name],
          address,
          `${moment}: a connection, and ${node} has no ${name}`,
        );
    if (listKind(api(), "StorageClass").length > 0)
      assert.equal(Object.keys(state.connections).length, 3, `${moment}: a class, and not all paths`);
  }

  /** One run: makes what is not made yet, in an order of its own, until something fails. */
  async function run(made: Set<string>, random: () => number): Promise<string | undefined> {
    for (;;) {
      const open = resources.filter(({ name }) => !made.has(name));
      if (open.length === 0) return undefined;
      const free = open.filter(({ name }) => open.every((other) => !waits.get(name)?.has(other.name)));
      const next = free[Math.floor(random() * free.length)] as RecordedResource;
      const subject = Plugin.subject(next.type, next.name);
      try {
        const { inputs } = await world.kubernetes.kernel.check(subject, next.inputs as Properties, {});
        await world.kubernetes.kernel.create(subject, inputs, false);
        made.add(next.name);
      } catch (error) {
        return `${next.name}: ${(error as Error).message}`;
      } finally {
        assertOrder(next.name);
      }
    }
  }

  it("keeps its order", async () => {
    const own = resources.filter(({ name }) => isOfLinstor(name));
    assert.ok(own.length > 12, own.map(({ name }) => name).join(", "));
    for (const [index, { name, type }] of own.entries()) {
      for (const behaviour of ["fail", "answer-lost"] as const) {
        startAgain();
        const made = new Set(installed);
        addFault(world.rack, { pattern: `create ${type} ${name}`, behaviour, remaining: 1, text: "broken on purpose" });
        const random = seeded(index * 2 + Number(behaviour === "fail"));
        assert.match((await run(made, random)) ?? "nothing broke", new RegExp(`^${name}: .*broken on purpose`, "s"));
        clearFaults(world.rack);
        assert.equal(await run(made, random), undefined, `after ${name} (${behaviour})`);
        assert.equal(Object.keys(linstorState(api()).connections).length, 3);
      }
    }
  });
});
