// In whatever order things are made that wait for nothing of each other, and whichever call fails or loses its answer: no connection before its
// interfaces, no class before its paths, and the next run gets there. The program's own component, against the rack, without an engine.
import assert from "node:assert/strict";
import { deleteObject } from "../../lab/rack/kubernetes/changes.ts";
import { getObject, insert, listKind } from "../../lab/rack/kubernetes/objects.ts";
import { uninstallRelease } from "../../lab/rack/kubernetes/releases.ts";
import { DeclaredLinstor, isOfLinstor } from "./support/declared-linstor.ts";

/** Numbers that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

describe("LINSTOR, made in any order and broken at any call", function () {
  this.timeout(300_000);
  let linstor: DeclaredLinstor;
  let installed: ReadonlySet<string>;
  let fromNothing: () => void;
  let fromOperator: () => void;
  before(async () => {
    linstor = await DeclaredLinstor.open();
    fromNothing = linstor.keep("nothing");
    const [own, under] = [true, false].map((is) =>
      linstor.resources.map(({ name }) => name).filter((name) => isOfLinstor(name) === is),
    );
    assert.equal(await linstor.makeAll(new Set(own)), undefined);
    fromOperator = linstor.keep("operator");
    installed = new Set(under);
  });
  after(() => linstor?.close());

  const assertComplete = () => assert.equal(Object.keys(linstor.state.connections).length, 3);

  it("keeps its order", async () => {
    const own = linstor.resources.filter(({ name }) => isOfLinstor(name));
    assert.ok(own.length > 12, own.map(({ name }) => name).join(", "));
    for (const [index, { name, type }] of own.entries()) {
      for (const behaviour of ["fail", "answer-lost"] as const) {
        fromOperator();
        const made = new Set(installed);
        linstor.fault({ pattern: `create ${type} ${name}`, behaviour, text: "broken on purpose" });
        const random = seeded(index * 2 + Number(behaviour === "fail"));
        assert.match((await linstor.makeAll(made, random)) ?? "", new RegExp(`^${name}: .*broken on purpose`, "s"));
        assert.equal(await linstor.makeAll(made, random), undefined, `after ${name} (${behaviour})`);
        assertComplete();
      }
    }
  });

  it("keeps it when its operator fails to be installed, or that is not known", async () => {
    const under = linstor.resources.filter(({ name }) => !isOfLinstor(name));
    assert.ok(under.length >= 6, under.map(({ name }) => name).join(", "));
    for (const [index, { name, type }] of under.entries()) {
      for (const behaviour of ["fail", "answer-lost", "partial"] as const) {
        fromNothing();
        const made = new Set<string>();
        linstor.fault({ pattern: `create ${type} ${name}`, behaviour, text: "broken on purpose" });
        const random = seeded(index);
        assert.match((await linstor.makeAll(made, random)) ?? "", new RegExp(`^${name}: .*broken on purpose`, "s"));
        const next = await linstor.makeAll(made, random);
        if (name === "linstor-operator" && behaviour === "answer-lost") {
          // Helm knows of a release that the state does not: nothing is made on it until somebody has taken it away, or in.
          assert.match(next ?? "", /^linstor-operator: .*cannot re-use a name that is still in use/);
          linstor.world.rack.transaction(() =>
            uninstallRelease(linstor.api, { namespace: "piraeus-datastore", name: "piraeus-operator" }),
          );
          assert.equal(await linstor.makeAll(made, random), undefined);
        } else assert.equal(next, undefined, `after ${name} (${behaviour})`);
        assertComplete();
      }
    }
  });

  /** Takes an object away from the cluster behind everybody's back, and later puts it there again. */
  function takeAway(apiVersion: string, kind: string, namespace: string | undefined, name: string): () => void {
    const { rack } = linstor.world;
    const { api } = linstor;
    const found = rack.transaction(() => getObject(api, apiVersion, kind, namespace, name));
    assert.ok(found, `${kind} ${name}`);
    rack.transaction(() => deleteObject(api, apiVersion, kind, namespace, name));
    return () =>
      rack.transaction(() =>
        insert(api, found.object, found.owners, found.release ?? "piraeus-datastore/piraeus-operator"),
      );
  }

  it("waits for a webhook that does not answer, gives up, and asks it anew on the next run", async () => {
    fromNothing();
    await linstor.makeBefore("linstor-gate-job");
    const comesBack = takeAway("v1", "Service", "piraeus-datastore", "piraeus-operator-webhook-service");
    const made = linstor.before("linstor-gate-job");
    assert.match((await linstor.makeAll(made)) ?? "", /^linstor-gate-job: .*failed calling webhook/s);
    assert.deepEqual(listKind(linstor.api, "LinstorCluster"), []);
    comesBack();
    assert.equal(await linstor.makeAll(made), undefined);
    assertComplete();
  });

  it("stops where the operator's kinds are there in part only, and goes on when they have come", async () => {
    for (const kind of ["LinstorSatelliteConfiguration", "LinstorCluster", "LinstorNodeConnection"]) {
      fromOperator();
      const made = new Set(installed);
      const name = `${kind.toLowerCase()}s.piraeus.io`;
      const comesBack = takeAway("apiextensions.k8s.io/v1", "CustomResourceDefinition", undefined, name);
      assert.match((await linstor.makeAll(made)) ?? "", new RegExp(`${kind}|no matches for kind`), kind);
      assert.deepEqual(listKind(linstor.api, "StorageClass"), [], kind);
      comesBack();
      assert.equal(await linstor.makeAll(made), undefined, kind);
      assertComplete();
    }
  });

  it("loses nothing when an upgrade of the operator fails", async () => {
    fromOperator();
    assert.equal(await linstor.makeAll(new Set(installed)), undefined);
    const before = JSON.stringify(linstor.state);
    for (const behaviour of ["fail", "answer-lost", "partial"] as const) {
      linstor.fault({ pattern: "update *Release linstor-operator", behaviour, text: "broken on purpose" });
      const values = { installCRDs: true, replicaCount: behaviour.length };
      const { type, inputs } = linstor.named("linstor-operator");
      const changed = { ...linstor.named("linstor-operator"), type, inputs: { ...inputs, values } };
      assert.match((await linstor.change(changed)) ?? "", /broken on purpose/);
      assert.equal(await linstor.change(changed), undefined, behaviour);
      assert.equal(JSON.stringify(linstor.state), before, behaviour);
    }
  });
});
