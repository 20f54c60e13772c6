// Time passes on the rack: the program's own CronJob saves etcd, keeps a week of snapshots, and one of them brings a cluster back.
import assert from "node:assert/strict";
import { EtcdBackup } from "../../../components/etcd-backup.ts";
import { RackFiles } from "../../../lab/host/rack-files.ts";
import type { Properties } from "../../../lab/plugin/wire.ts";
import { applyObject, deleteObject } from "../../../lab/rack/kubernetes/changes.ts";
import { dueTimes, letTimePass } from "../../../lab/rack/kubernetes/cron-jobs.ts";
import { listSnapshots } from "../../../lab/rack/talos/etcd-data.ts";
import { recordResources } from "../../support/record-resources.ts";
import { replicatedClass } from "../../support/volume-user.ts";
import { Plugin } from "../furnished-rack.ts";
import { type LinstorWorld, linstorWorld } from "../linstor/linstor-world.ts";

const HOUR = 3_600_000;

describe("schedules", () => {
  it("are due at their minutes and hours; what is due every few minutes stands once for all", () => {
    assert.deepEqual(
      dueTimes("17 */6 * * *", 0, 24 * HOUR).map((at) => at / 60_000),
      [17, 377, 737, 1097],
    );
    assert.deepEqual(dueTimes("*/5 * * * *", 0, HOUR), [HOUR]);
    assert.deepEqual(dueTimes("17 */6 * * *", 18 * 60_000, 5 * HOUR), []);
    assert.throws(() => dueTimes("0 0 * * 1", 0, HOUR), /minutes and hours only/);
  });
});

describe("etcd's backup, while time passes", function () {
  this.timeout(60_000);
  let world: LinstorWorld;
  beforeEach(async () => {
    world = await linstorWorld();
    world.rack.transaction(() => applyObject(world.api(), replicatedClass, { manager: "test" }));
    const { resources } = await recordResources(() => new EtcdBackup("backup", { talosVersion: "v1.13.0" }));
    for (const { type, name, inputs } of resources.filter((resource) => resource.type.startsWith("kubernetes:"))) {
      const subject = Plugin.subject(type, name);
      const checked = await world.kubernetes.kernel.check(subject, inputs as Properties, {});
      await world.kubernetes.kernel.create(subject, checked.inputs, false);
    }
  });
  afterEach(() => world.close());

  it("leaves a snapshot every six hours, a week of them, and nothing else", async () => {
    const day = await letTimePass(world.rack, 24 * HOUR);
    assert.deepEqual(
      day.map(({ job, problem }) => [job, problem]),
      Array.from({ length: 4 }, () => ["etcd-backup/etcd-backup", undefined]),
    );
    assert.equal(listSnapshots(world.rack).length, 4);
    const [oldest] = listSnapshots(world.rack);
    await letTimePass(world.rack, 7 * 24 * HOUR);
    const kept = listSnapshots(world.rack);
    assert.equal(kept.length, 28);
    assert.ok(oldest !== undefined && !kept.includes(oldest));
    const newest = new RackFiles(world.rack, "pod:etcd-backup").read(`/backup/${kept.at(-1)}`);
    assert.match(newest ?? "", /^simulated etcd snapshot of ms01: \d+ keys\n/);
  });

  it("says why there is none when Talos gave no access", async () => {
    world.rack.transaction(() => deleteObject(world.api(), "v1", "Secret", "etcd-backup", "etcd-backup"));
    const [run] = await letTimePass(world.rack, 6 * HOUR);
    assert.match(run?.problem ?? "", /secret "etcd-backup" not found/);
    assert.deepEqual(listSnapshots(world.rack), []);
  });
});
