// LINSTOR's scripts, broken at each of their calls: the pod is killed there, the answer is lost or cut off, the controller is gone, a satellite goes.
// Each is the program's own Job with its own retries, against the rack, without an engine.
import assert from "node:assert/strict";
import { addFault, type Behaviour, clearFaults, listFaults } from "../../lab/rack/faults.ts";
import { hosts } from "../../lab/rack/hosts.ts";
import { deleteObject } from "../../lab/rack/kubernetes/changes.ts";
import { nodeLabels } from "../../lab/rack/kubernetes/node-labels.ts";
import { runLinstor } from "../../lab/rack/linstor/client.ts";
import { DeclaredLinstor } from "./support/declared-linstor.ts";

const EVERY_CALL = "run *";
const two = "talos-ms01-02";

interface Script {
  readonly job: string;
  readonly method: "crd" | "cli";
  /** What somebody has made by hand before, which the script corrects. */
  readonly byHand?: readonly string[];
}

const scripts: readonly Script[] = [
  { job: "linstor-interfaces-job", method: "crd", byHand: ["node", "interface", "create", two, "usb4", "192.0.2.99"] },
  { job: "linstor-paths-create", method: "cli" },
  {
    job: "linstor-paths-verify",
    method: "cli",
    byHand: ["node-connection", "path", "create", "talos-ms01-01", two, "forgotten", "usb4", "usb4"],
  },
];

/** Not done, done and not known, half answered, and the pod killed right behind it: right before a call is right behind the last one. */
const onceBroken: readonly Behaviour[] = ["fail", "answer-lost", "partial", "crash-after"];

for (const { job, method, byHand } of scripts) {
  describe(`${job}, interrupted`, function () {
    this.timeout(300_000);
    let linstor: DeclaredLinstor;
    let startAgain: () => void;
    /** What has to be there in the end. */
    let wanted: string;
    /** Calls that an unbroken run makes. */
    let calls: number;

    const outcome = (): string => {
      const { nodes, connections } = linstor.state;
      const labels = Object.keys(nodes).map((node) => nodeLabels(linstor.world.rack, linstor.api.cluster).get(node));
      return JSON.stringify({ nodes, connections, labels });
    };
    const run = () => linstor.make(linstor.named(job));
    /** As the engine does with a Job that failed. */
    const runAgain = async (): Promise<string | undefined> => {
      const { apiVersion, kind, metadata } = linstor.named(job).inputs as {
        apiVersion: string;
        kind: string;
        metadata: { name: string; namespace: string };
      };
      linstor.world.rack.transaction(() =>
        deleteObject(linstor.api, apiVersion, kind, metadata.namespace, metadata.name),
      );
      return run();
    };
    /** The call at `position`, counted from 1, breaks; `times` calls with it. */
    const breakAt = (position: number, behaviour: Behaviour, times = 1): void => {
      const { rack } = linstor.world;
      if (position > 1) addFault(rack, { pattern: EVERY_CALL, behaviour: "slow", ms: 0, remaining: position - 1 });
      addFault(rack, { pattern: EVERY_CALL, behaviour, remaining: times, ms: 1 });
    };

    before(async () => {
      linstor = await DeclaredLinstor.open({ method });
      await linstor.makeBefore(job);
      if (byHand !== undefined) assert.equal(runLinstor(linstor.api, byHand).status, 0);
      startAgain = linstor.keep("before");
      const counter = addFault(linstor.world.rack, {
        pattern: EVERY_CALL,
        behaviour: "slow",
        ms: 0,
        remaining: 1_000,
      });
      assert.equal(await run(), undefined);
      calls = 1_000 - (listFaults(linstor.world.rack).find(({ seq }) => seq === counter)?.remaining ?? 1_000);
      clearFaults(linstor.world.rack);
      wanted = outcome();
    });
    after(() => linstor?.close());

    it("changes nothing when it runs once more", async () => {
      assert.ok(calls >= 3, `${calls} calls`);
      assert.equal(await runAgain(), undefined);
      assert.equal(outcome(), wanted);
    });

    for (const behaviour of onceBroken) {
      it(`ends by itself, as if nothing had been, whichever call breaks (${behaviour})`, async () => {
        for (let position = 1; position <= calls; position += 1) {
          startAgain();
          breakAt(position, behaviour);
          assert.equal(await run(), undefined, `call ${position} of ${calls}`);
          assert.equal(outcome(), wanted, `call ${position} of ${calls}`);
          clearFaults(linstor.world.rack);
        }
      });
    }

    it("fails while the controller is gone, and is ended by the next run", async () => {
      for (const position of [1, Math.ceil(calls / 2), calls]) {
        startAgain();
        breakAt(position, "fail", -1);
        assert.match((await run()) ?? "nothing broke", /Job has failed: .*refused/s);
        clearFaults(linstor.world.rack);
        assert.equal(await runAgain(), undefined, `call ${position} of ${calls}`);
        assert.equal(outcome(), wanted, `call ${position} of ${calls}`);
      }
    });

    it("is ended by the next run when a machine goes down during a call", async () => {
      const { rack } = linstor.world;
      const power = (powered: boolean) => hosts(rack).edit("ms01-02", (host) => Object.assign(host, { powered }));
      for (let position = 1; position <= calls; position += 3) {
        startAgain();
        breakAt(position, "late");
        const running = run();
        while (listFaults(rack).some(({ remaining }) => remaining > 0)) await new Promise(setImmediate);
        power(false);
        assert.match((await running) ?? "done", /^done$|talos-ms01-02 to be Online .* OFFLINE|path .* talos-ms01-02/);
        clearFaults(rack);
        linstor.assertOrder(`call ${position} of ${calls}`);
        power(true);
        assert.equal(await runAgain(), undefined, `call ${position} of ${calls}`);
        assert.equal(outcome(), wanted, `call ${position} of ${calls}`);
      }
    });

    it("is ended by the next run when it was killed each time, from whichever call on", async () => {
      for (let position = 1; position <= calls; position += 1) {
        startAgain();
        breakAt(position, "crash-after", -1);
        assert.match((await run()) ?? "nothing broke", /Job has failed: BackoffLimitExceeded/);
        clearFaults(linstor.world.rack);
        assert.equal(await runAgain(), undefined, `call ${position} of ${calls}`);
        assert.equal(outcome(), wanted, `call ${position} of ${calls}`);
      }
    });
  });
}
