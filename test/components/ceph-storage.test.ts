import assert from "node:assert/strict";
import { CephStorage, type CephStorageArgs } from "../../components/ceph-storage.ts";
import { renderCephClusterNetwork } from "../../components/host-scripts/ceph-cluster-network.ts";
import { renderCephOsd } from "../../components/host-scripts/ceph-osd.ts";
import { renderCephUser } from "../../components/host-scripts/ceph-user.ts";
import type { CephPlan } from "../../plan/plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";
import { connectionTo, ssh } from "../support/ssh.ts";

const osd = (host: string, disk: string) => ({ host, disk, device: `/dev/disk/by-id/${host}-${disk}`, sizeGiB: 100 });
const plan: CephPlan = {
  version: "squid",
  publicPrefix: "198.51.100.0/24",
  clusterPrefix: "203.0.113.0/24",
  monitors: [
    { host: "pve-a", address: "198.51.100.10" },
    { host: "pve-b", address: "198.51.100.11" },
    { host: "pve-c", address: "198.51.100.12" },
  ],
  osds: [osd("pve-a", "osd0"), osd("pve-a", "osd1"), osd("pve-d", "osd0")],
  pool: { name: "volumes", size: 3, minSize: 2 },
};
const hosts = ["a", "b", "c", "d", "e"].map((letter, index) => ({
  name: `pve-${letter}`,
  managementAddress: `192.0.2.${10 + index}`,
}));
const answers: Record<string, string> = { "ceph-init": "the-fsid", "ceph-client-kubernetes": "the-key" };

const build = (change: Partial<CephStorageArgs> = {}): Promise<Recording> =>
  recordResources(() => new CephStorage("ceph", { plan, hosts, ssh, ...change }), {
    state: ({ name }) => ({ stdout: answers[name] ?? "" }),
  });

describe("CephStorage", () => {
  it("installs on every host that has a part in it, and on no other", async () => {
    const names = (await build()).namesOf("command:remote:Command").filter((name) => name.endsWith("-install"));
    assert.deepEqual(names, ["ceph-pve-a-install", "ceph-pve-b-install", "ceph-pve-c-install", "ceph-pve-d-install"]);
  });

  it("makes the cluster once all packages are there, then monitors one after the other, the OSDs' network, OSDs, the pool", async () => {
    const recording = await build();
    const dependencies = (name: string): readonly string[] => recording.named(name).dependsOn;
    assert.deepEqual(dependencies("ceph-init"), [
      "ceph-pve-a-install",
      "ceph-pve-b-install",
      "ceph-pve-c-install",
      "ceph-pve-d-install",
    ]);
    assert.deepEqual(dependencies("ceph-pve-a-monitor"), ["ceph-init"]);
    assert.deepEqual(dependencies("ceph-pve-b-monitor"), ["ceph-pve-a-monitor"]);
    assert.deepEqual(dependencies("ceph-pve-c-monitor"), ["ceph-pve-b-monitor"]);
    assert.deepEqual(dependencies("ceph-cluster-network"), ["ceph-pve-c-monitor"]);
    assert.deepEqual(dependencies("ceph-pve-a-osd-osd0"), ["ceph-cluster-network"]);
    assert.deepEqual(dependencies("ceph-pve-a-osd-osd1"), ["ceph-pve-a-osd-osd0"]);
    assert.deepEqual(dependencies("ceph-pve-d-osd-osd0"), ["ceph-cluster-network"]);
    assert.deepEqual(dependencies("ceph-pool"), [
      "ceph-cluster-network",
      "ceph-pve-a-osd-osd0",
      "ceph-pve-a-osd-osd1",
      "ceph-pve-d-osd-osd0",
    ]);
    assert.deepEqual(dependencies("ceph-client-kubernetes"), ["ceph-pool"]);
  });

  it("makes the pool, and a Proxmox storage that comes and goes with it", async () => {
    const { inputs, parent, type } = (await build()).named("ceph-pool");
    assert.deepEqual([type, parent], ["proxmoxve:ceph/pool:Pool", "ceph"]);
    assert.deepEqual(inputs, {
      ...{
        nodeName: "pve-a",
        name: "volumes",
        application: "rbd",
        size: 3,
        minSize: 2,
        addStorages: true,
        removeStorages: true,
      },
    });
  });

  it("has OSDs replicate over the planned network, which is written on the first monitor's host", async () => {
    const { inputs } = (await build()).named("ceph-cluster-network");
    assert.equal(inputs["create"], renderCephClusterNetwork({ host: "pve-a", clusterPrefix: "203.0.113.0/24" }));
    assert.deepEqual(inputs["connection"], connectionTo("192.0.2.10", "ssh-ed25519 AAAA"));
  });

  it("makes an OSD of the planned disk, on its host", async () => {
    const { inputs } = (await build()).named("ceph-pve-d-osd-osd0");
    assert.equal(inputs["create"], renderCephOsd({ host: "pve-d", device: "/dev/disk/by-id/pve-d-osd0" }));
    assert.deepEqual(inputs["connection"], connectionTo("192.0.2.13"));
  });

  it("never undoes anything on a host", async () => {
    for (const resource of (await build()).resources) assert.equal("delete" in resource.inputs, false, resource.name);
  });

  it("protects what data lies on, unless told otherwise", async () => {
    const guarded = async (change: Partial<CephStorageArgs>): Promise<string[]> =>
      (await build(change)).resources
        .filter((resource) => resource.protect)
        .map((resource) => resource.name)
        .sort();
    assert.deepEqual(await guarded({}), [
      "ceph-pool",
      "ceph-pve-a-osd-osd0",
      "ceph-pve-a-osd-osd1",
      "ceph-pve-d-osd-osd0",
    ]);
    assert.deepEqual(await guarded({ protect: false }), []);
  });

  it("hands out the client's key as a secret, and nothing else as one", async () => {
    const recording = await build();
    assert.deepEqual(recording.named("ceph").outputs, {
      fsid: "the-fsid",
      user: "kubernetes",
      key: { secret: "the-key" },
      poolName: "volumes",
    });
    const client = recording.named("ceph-client-kubernetes");
    assert.deepEqual([client.inputs["logging"], client.secretOutputs], ["none", ["connection", "stdout"]]);
    assert.equal(client.inputs["create"], renderCephUser({ host: "pve-a", user: "kubernetes", pool: "volumes" }));
    const others = recording.resources.filter(
      (resource) => resource !== client && resource.secretOutputs.includes("stdout"),
    );
    assert.deepEqual(others, []);
  });

  it("refuses a plan without a monitor, or on a host it does not know", async () => {
    await assert.rejects(build({ plan: { ...plan, monitors: [] } }), /Ceph without a monitor/);
    await assert.rejects(build({ hosts: hosts.slice(0, 3) }), /Ceph is planned on pve-d, which is none of the hosts/);
  });
});
