// The USB4 ring between Proxmox hosts, through the real engine: Ceph replicates and machines move over it, with one cable less, too; and it
// comes and goes under a Ceph that runs.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { type CephHealth, cephHealth, cephOsds } from "../../lab/rack/ceph.ts";
import { liveLinks } from "../../lab/rack/live-links.ts";
import { requireMigration } from "../../lab/rack/migration.ts";
import { reach } from "../../lab/rack/reach.ts";
import { homelabRing } from "../support/homelab-ring.ts";
import { succeeded } from "./support/built-homelab.ts";
import { MetalRack } from "./support/metal-rack.ts";
import { at, Project } from "./support/project.ts";

const [first, second] = ["pve-ms01-01", "pve-ms01-02"];
const addRing = (file: Document): void => {
  for (const [path, value] of Object.entries(homelabRing)) file.setIn(at(path), file.createNode(value));
};
const removeRing = (file: Document): void => {
  for (const path of ["usb4Ring", "ceph.clusterNetwork", "roles.migration"]) file.deleteIn(at(path));
};

describe("the homelab with a USB4 ring", () => {
  let project: Project;
  let rack: MetalRack;
  before(async () => {
    project = await Project.open("lab", addRing);
    rack = new MetalRack(project, "lab");
  });
  after(() => project?.close());

  const mtuFrom = (host: string, to: string) =>
    rack.in((open) => {
      const answer = reach(open, { from: host, to, size: 65_520 });
      return answer.ok ? answer.mtu : answer.reason;
    });
  const health = (): Promise<CephHealth> => rack.in(cephHealth);
  const replicatesAt = (): Promise<unknown[]> =>
    rack.in((open) =>
      cephOsds(open)
        .list()
        .map(({ body }) => body.clusterAddress)
        .sort(),
    );
  /** What Proxmox VE says when a machine is moved; undefined: it moves. */
  const refusalOfMove = (): Promise<string | undefined> =>
    rack.in((open) => {
      try {
        requireMigration(open, first, second);
        return undefined;
      } catch (error) {
        return String(error);
      }
    });
  /** The last changes of the OSDs' network and of a host's firewall, in their order. */
  const lastChanges = async (): Promise<string[]> => {
    const names = ["ceph-cluster-network", "firewall-pve-ms01-01-rules"];
    const last = (await project.journal()).filter(({ operation, preview }) => operation === "update" && !preview);
    return names.sort(
      (a, b) => last.findLastIndex(({ name }) => name === a) - last.findLastIndex(({ name }) => name === b),
    );
  };
  const onRing = ["10.8.49.1", "10.8.49.2", "10.8.49.3"];
  const onStorage = ["10.8.48.10", "10.8.48.11", "10.8.48.12"];

  it("comes up, Ceph's copies and moving machines on the ring, and stays as it is", async () => {
    succeeded(await project.up());
    assert.equal(await mtuFrom(first, "10.8.49.2"), 65_520);
    assert.equal(await mtuFrom("pve-aimax-01", "10.8.49.1"), 65_520);
    assert.deepEqual(await replicatesAt(), onRing);
    assert.deepEqual([(await health()).status, await refusalOfMove()], ["HEALTH_OK", undefined]);
    succeeded(await project.up("--expect-no-changes"));
  });

  it("goes the other way round when a cable is pulled: no copy is missing", async () => {
    await rack.setCable(`${first}/a`, false);
    assert.equal(await mtuFrom(first, "10.8.49.2"), 65_520);
    assert.deepEqual([(await health()).status, await refusalOfMove()], ["HEALTH_OK", undefined]);
  });

  it("goes on without a host that has lost both cables, whose OSD the others do not hear", async () => {
    await rack.setCable(`${first}/b`, false);
    assert.notEqual(await mtuFrom(first, "10.8.49.2"), 65_520);
    const { status, checks, quorum } = await health();
    assert.deepEqual([status, quorum, checks[0]], ["HEALTH_WARN", true, "1 osds down"]);
    assert.match(String(await refusalOfMove()), /ssh: connect to host 10\.8\.49\.2 port 22: Connection timed out/);
    for (const port of ["a", "b"]) await rack.setCable(`${first}/${port}`, true);
    assert.equal((await health()).status, "HEALTH_OK");
  });

  it("is taken out in one run: Ceph and moving machines leave it before it goes", async () => {
    project.edit(removeRing, "homelab");
    succeeded(await project.up());
    assert.deepEqual(await replicatesAt(), onStorage);
    assert.deepEqual(await lastChanges(), ["ceph-cluster-network", "firewall-pve-ms01-01-rules"]);
    assert.deepEqual([(await health()).status, await refusalOfMove()], ["HEALTH_OK", undefined]);
    const names = await rack.in((open) => Object.keys(liveLinks(open, first)));
    assert.ok(!names.includes("dummy_usb4ring"), names.join(" "));
    succeeded(await project.up("--expect-no-changes"));
  });

  it("is put in under a Ceph that runs: its OSDs go there one after the other", async () => {
    project.edit(addRing, "homelab");
    succeeded(await project.up());
    assert.deepEqual(await replicatesAt(), onRing);
    assert.deepEqual(await lastChanges(), ["firewall-pve-ms01-01-rules", "ceph-cluster-network"]);
    assert.deepEqual([(await health()).status, await refusalOfMove()], ["HEALTH_OK", undefined]);
  });
});
