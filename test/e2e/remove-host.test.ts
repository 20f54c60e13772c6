// A Proxmox host goes only after it was announced and is empty: nobody loses copies or monitors by an edit of the description.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { cephOsds } from "../../lab/rack/ceph.ts";
import { removeNode } from "../../lab/rack/corosync.ts";
import { at, Project } from "./support/project.ts";

const HOST = "pve-ms01-03";

/** A fourth host with one disk for Ceph; it runs no node. */
function addHost(file: Document, further: object = {}): void {
  const set = (path: string, value: unknown): void => file.setIn(at(path), file.createNode(value));
  set(`hosts.${HOST}`, {
    ...{ model: "Minisforum MS-01", cpuCores: 16, memoryGiB: 64 },
    disks: {
      system: { device: "/dev/disk/by-id/nvme-ms01-03-system", sizeGiB: 476, use: "system" },
      osd0: { device: "/dev/disk/by-id/nvme-ms01-03-osd0", sizeGiB: 1863, use: "osd" },
    },
    nics: { enp87s0: { speedMbps: 2500 }, enp2s0f0np0: { speedMbps: 10_000 } },
    bridges: { vmbr0: { ports: ["enp87s0"], vlans: ["management", "workload"] } },
    addresses: {
      management: { link: "vmbr0", address: "10.8.16.13" },
      storage: { link: "enp2s0f0np0", address: "10.8.48.13" },
    },
    ...further,
  });
  const tagged = ["infrastructure", "management", "workload"];
  file.setIn(
    [...at("switches.usw-enterprise-8-poe-server.ports"), "5"],
    file.createNode({ speedMbps: 2500, host: HOST, nic: "enp87s0", tagged }),
  );
  file.setIn(
    [...at("switches.mikrotik-crs309-k8s-storage.ports"), "sfp-sfpplus8"],
    file.createNode({ speedMbps: 10_000, host: HOST, nic: "enp2s0f0np0", tagged: ["storage"] }),
  );
}

function removeHost(file: Document): void {
  file.deleteIn(at(`hosts.${HOST}`));
  file.deleteIn([...at("switches.usw-enterprise-8-poe-server.ports"), "5"]);
  file.deleteIn([...at("switches.mikrotik-crs309-k8s-storage.ports"), "sfp-sfpplus8"]);
}

describe("a Proxmox host that is taken out of the description", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("lab", (file) => addHost(file));
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
  });
  after(() => project?.close());

  it("stays, by the preview already, when it was not announced", async () => {
    project.edit(removeHost);
    const preview = await project.preview();
    assert.notEqual(preview.code, 0);
    assert.match(
      preview.output,
      /hosts\.pve-ms01-03 is not in the description any more, and holds a Ceph OSD and a vote in the Proxmox cluster; put it back with "retire: true", run up, then remove it/,
    );
  });

  it("stays, announced, while Ceph has data on it, and nothing of it is forgotten", async () => {
    project.edit((file) => addHost(file, { retire: true }));
    const announced = await project.up();
    assert.equal(announced.code, 0, announced.output);
    project.edit(removeHost);
    const full = await project.up();
    assert.notEqual(full.code, 0);
    assert.match(
      full.output,
      /pve-ms01-03 is not in the description any more and still has Ceph's osd \d; move its data off first/,
    );
    assert.deepEqual(
      full.operations.filter((operation) => operation.startsWith("delete")),
      [],
    );
  });

  it("goes when it is empty, and the rest has nothing more to change", async () => {
    await project.rack((rack) => {
      for (const { id, body } of cephOsds(rack).list()) if (body.host === HOST) cephOsds(rack).delete(id);
    });
    const run = await project.up();
    assert.equal(run.code, 0, run.output);
    assert.ok(run.operations.some((operation) => operation.startsWith("delete") && operation.includes(HOST)));
    await project.lab(`power off ${HOST}`);
    await project.rack((rack) => removeNode(rack, "pve-aimax-01", HOST));
    const again = await project.up("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
  });
});
