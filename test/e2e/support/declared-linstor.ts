// LINSTOR as the program's own component declares it, made against the rack without an engine: piece by piece, in any order, and again from
// any moment that was kept.
import assert from "node:assert/strict";
import { LinstorStorageNetwork } from "../../../components/linstor-storage-network.ts";
import { InitializationFailed } from "../../../lab/plugin/contract.ts";
import type { Subject } from "../../../lab/plugin/kernel.ts";
import type { Properties } from "../../../lab/plugin/wire.ts";
import { addFault, clearFaults, type Fault } from "../../../lab/rack/faults.ts";
import { type Api, listKind } from "../../../lab/rack/kubernetes/objects.ts";
import { type LinstorState, linstorState } from "../../../lab/rack/linstor/state.ts";
import { listClusters } from "../../../lab/rack/talos/cluster.ts";
import type { LinstorPlan } from "../../../plan/plan.ts";
import { Plugin } from "../../lab/furnished-rack.ts";
import { readyCluster } from "../../lab/kubernetes-world.ts";
import type { ClusterWorld } from "../../lab/talos-world.ts";
import { ms01Plan } from "../../support/homelab-plan.ts";
import { type RecordedResource, recordResources } from "../../support/record-resources.ts";

const settings = { latencyScale: 0, patienceMs: 300 } as const;

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
export const isOfLinstor = (name: string): boolean => !/^linstor-(namespace|operator|gate)/.test(name);

/** A cluster on three machines, and what is declared for it. */
export class DeclaredLinstor {
  readonly plan: LinstorPlan;
  readonly world: ClusterWorld;
  /** In the order of their registration; without components. */
  readonly resources: readonly RecordedResource[];
  readonly #waits: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #tables: readonly string[];
  /** What was made and is not what its kind promises: the engine updates it on the next run. */
  readonly #unready = new Map<string, InitializationFailed>();

  private constructor(plan: LinstorPlan, world: ClusterWorld, recorded: readonly RecordedResource[]) {
    this.plan = plan;
    this.world = world;
    this.resources = recorded.filter(({ type }) => type.startsWith("kubernetes:"));
    this.#waits = dependencies(recorded);
    this.#tables = world.rack
      .sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
      .map(({ name }) => String(name));
  }

  /** A ready cluster without LINSTOR. */
  static async open(change: Partial<LinstorPlan> = {}): Promise<DeclaredLinstor> {
    const plan = { ...(ms01Plan().linstor as LinstorPlan), ...change };
    const { resources } = await recordResources(
      () => new LinstorStorageNetwork("linstor", { plan, kubernetesVersion: "v1.35.0" }),
    );
    const world = await readyCluster(ms01Plan());
    world.rack.settings = settings;
    return new DeclaredLinstor(plan, world, resources);
  }

  close(): void {
    this.world.close();
  }

  /** The next call that the pattern matches breaks; with `times`, as many. */
  fault(fault: Pick<Fault, "pattern" | "behaviour" | "text" | "ms">, times = 1): void {
    clearFaults(this.world.rack);
    addFault(this.world.rack, { ...fault, remaining: times });
  }

  named(name: string): RecordedResource {
    const found = this.resources.find((resource) => resource.name === name);
    if (found === undefined) throw new Error(`nothing declared is called ${name}`);
    return found;
  }

  get api(): Api {
    const [cluster] = listClusters(this.world.rack);
    if (cluster === undefined) throw new Error("no cluster");
    return { rack: this.world.rack, cluster };
  }

  get state(): LinstorState {
    return linstorState(this.api);
  }

  /** Keeps this moment; gives what goes back to it. */
  keep(name: string): () => void {
    const { rack } = this.world;
    for (const table of this.#tables) rack.sql(`CREATE TABLE "${name}_${table}" AS SELECT * FROM "${table}"`).run();
    return () => {
      this.#unready.clear();
      rack.transaction(() => {
        // A write that the rack knows of, so that it trusts nothing it has kept in mind.
        rack.settings = settings;
        for (const table of this.#tables) {
          rack.sql(`DELETE FROM "${table}"`).run();
          rack.sql(`INSERT INTO "${table}" SELECT * FROM "${name}_${table}"`).run();
        }
      });
    };
  }

  /** Makes one resource, or updates it where it was made and is not ready; the error, if any. */
  make(resource: RecordedResource): Promise<string | undefined> {
    const unready = this.#unready.get(resource.name);
    return this.#call(resource, async (subject, inputs) => {
      const { kernel } = this.world.kubernetes;
      if (unready === undefined) await kernel.create(subject, inputs, false);
      else await kernel.update(subject, unready.id, unready.outputs as Properties, inputs, false);
    });
  }

  /** Gives a resource that was made before other inputs; the error, if any. */
  change(resource: RecordedResource): Promise<string | undefined> {
    const { namespace, name } = resource.inputs as { namespace?: string; name?: string };
    return this.#call(resource, async (subject, inputs) => {
      await this.world.kubernetes.kernel.update(subject, `${namespace}/${name}`, inputs, inputs, false);
    });
  }

  async #call(
    { name, type, inputs }: RecordedResource,
    work: (subject: Subject, inputs: Properties) => Promise<void>,
  ): Promise<string | undefined> {
    const subject = Plugin.subject(type, name);
    try {
      const checked = await this.world.kubernetes.kernel.check(subject, inputs as Properties, {});
      await work(subject, checked.inputs);
      this.#unready.delete(name);
      return undefined;
    } catch (error) {
      if (error instanceof InitializationFailed) this.#unready.set(name, error);
      return (error as Error).message;
    } finally {
      this.assertOrder(name);
    }
  }

  /** Makes what is not in `made` yet, in an order that `random` decides, until something fails; the error, if any. */
  async makeAll(made: Set<string>, random: () => number = () => 0): Promise<string | undefined> {
    for (;;) {
      const open = this.resources.filter(({ name }) => !made.has(name));
      if (open.length === 0) return undefined;
      const free = open.filter(({ name }) => open.every((other) => !this.#waits.get(name)?.has(other.name)));
      const next = free[Math.floor(random() * free.length)] as RecordedResource;
      const error = await this.make(next);
      if (error !== undefined) return `${next.name}: ${error}`;
      made.add(next.name);
    }
  }

  /** Names of everything that a resource waits for, directly or not. */
  before(name: string): Set<string> {
    const needed = new Set<string>();
    const add = (of: string): void => {
      for (const other of this.#waits.get(of) ?? []) {
        if (needed.has(other)) continue;
        needed.add(other);
        add(other);
      }
    };
    add(name);
    return needed;
  }

  /** Makes everything that a resource waits for. */
  async makeBefore(name: string): Promise<void> {
    const needed = this.before(name);
    const others = this.resources.map((resource) => resource.name).filter((other) => !needed.has(other));
    assert.equal(await this.makeAll(new Set(others)), undefined);
  }

  /** What has to be so at every moment. */
  assertOrder(moment: string): void {
    const { state, api, plan } = this;
    assert.equal(state.burnCount, 0, `${moment}: the controller looks for ${state.burning.join(", ")}`);
    if (listKind(api, "LinstorNodeConnection").length > 0)
      for (const { node, name, address } of plan.interfaces)
        assert.equal(
          state.nodes[node]?.interfaces[name],
          address,
          `${moment}: a connection, and ${node} has no ${name}`,
        );
    if (listKind(api, "StorageClass").length > 0)
      assert.equal(Object.keys(state.connections).length, 3, `${moment}: a class, and not all paths`);
  }
}
