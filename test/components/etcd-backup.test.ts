import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EtcdBackup, keepScript } from "../../components/etcd-backup.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const build = (storageClassName?: string): Promise<Recording> =>
  recordResources(() => {
    new EtcdBackup("backup", {
      talosVersion: "v1.13.0",
      ...(storageClassName === undefined ? {} : { storageClassName }),
    });
  });

interface PodTemplate {
  readonly spec: {
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly initContainers: readonly { readonly image: string; readonly args: readonly string[] }[];
    readonly nodeSelector: Readonly<Record<string, string>>;
  };
}

const templateOf = (recording: Recording): PodTemplate => {
  const spec = recording.named("backup-job").inputs["spec"] as { jobTemplate: { spec: { template: PodTemplate } } };
  return spec.jobTemplate.spec.template;
};

describe("EtcdBackup", () => {
  it("may save etcd, and nothing else of Talos", async () => {
    const recording = await build();
    const { apiVersion, kind, spec } = recording.named("backup-account").inputs;
    assert.deepEqual([apiVersion, kind, spec], ["talos.dev/v1alpha1", "ServiceAccount", { roles: ["os:etcd:backup"] }]);
    assert.deepEqual(recording.named("backup-job").dependsOn, ["backup-account", "backup-namespace", "backup-volume"]);
  });

  it("takes the snapshot with the cluster's own talosctl, from the control plane it runs on, without privileges", async () => {
    const { spec } = templateOf(await build());
    assert.equal(spec.initContainers[0]?.image, "ghcr.io/siderolabs/talosctl:v1.13.0");
    assert.deepEqual(spec.initContainers[0]?.args, [
      "--nodes",
      "$(NODE_ADDRESS)",
      "etcd",
      "snapshot",
      "/work/db.snapshot",
    ]);
    assert.deepEqual(spec.nodeSelector, { "node-role.kubernetes.io/control-plane": "" });
    assert.equal(spec.securityContext["runAsNonRoot"], true);
  });

  it("keeps them on the class it is given, or on the default one", async () => {
    const classOf = (recording: Recording): unknown =>
      (recording.named("backup-volume").inputs["spec"] as Record<string, unknown>)["storageClassName"];
    assert.equal(classOf(await build("ceph-rbd")), "ceph-rbd");
    assert.equal(classOf(await build()), undefined);
  });

  it("keeps the newest 28 and leaves other files alone", () => {
    const folder = mkdtempSync(join(tmpdir(), "backup-"));
    try {
      for (const name of ["work", "backup"]) mkdirSync(join(folder, name));
      writeFileSync(join(folder, "work/db.snapshot"), "new");
      writeFileSync(join(folder, "backup/notes.txt"), "mine");
      for (let day = 10; day < 40; day += 1)
        writeFileSync(join(folder, `backup/etcd-2020${day}T000000Z.snapshot`), "old");
      const script = keepScript.replaceAll(/ \/?("?)\/?(work|backup)/g, ` $1${folder}/$2`);
      const { status, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
      assert.equal(status, 0, stderr);
      const left = readdirSync(join(folder, "backup")).sort();
      assert.equal(left.filter((name) => name.endsWith(".snapshot")).length, 28);
      assert.equal(left.includes("etcd-202010T000000Z.snapshot"), false);
      assert.equal(left.includes("etcd-202039T000000Z.snapshot"), true);
      assert.ok(left.includes("notes.txt"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
