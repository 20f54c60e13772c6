// Ceph's cluster network on simulated hosts: OSDs go to the USB4 ring and back, one at a time, and stop where one does not come back.
import assert from "node:assert/strict";
import { renderCephClusterNetwork } from "../../../components/host-scripts/ceph-cluster-network.ts";
import { renderCephInstall } from "../../../components/host-scripts/ceph-install.ts";
import { renderPackageSources } from "../../../components/host-scripts/package-sources.ts";
import { renderUsb4Links } from "../../../components/host-scripts/usb4-links.ts";
import { cephHealth, cephOsds } from "../../../lab/rack/ceph.ts";
import { FIREWALL_KINDS } from "../../../lab/rack/host-firewall.ts";
import { hosts } from "../../../lab/rack/hosts.ts";
import { requireMigration } from "../../../lab/rack/migration.ts";
import { setCable } from "../../../lab/rack/switches.ts";
import { type LabRack, labRack } from "../../support/lab-rack.ts";
import { ringPlan } from "../../support/ring-plan.ts";
import { startCeph } from "../talos-world.ts";

const plan = ringPlan();
const [first, second, third] = ["pve-aimax-01", "pve-ms01-01", "pve-ms01-02"];
const storage = "10.8.48.0/24";
const cut = ["a", "b"].map((port) => `${second}/${port}`);

describe("Ceph's cluster network on simulated hosts", function () {
  this.timeout(60_000);
  let lab: LabRack;
  before(async () => {
    lab = labRack("test", plan);
    startCeph(lab);
    await lab.on(first, renderCephInstall({ host: first, version: "squid" }));
    const conf = `[global]\n\tcluster_network = ${storage}\n\tfsid = x\n\tpublic_network = ${storage}\n\n[mon.${first}]\n`;
    await lab.on(first, "tee /etc/pve/ceph.conf >/dev/null", conf);
  });
  after(() => lab.close());

  const to = (clusterPrefix: string): Promise<{ stdout: string; stderr: string }> =>
    lab.on(first, renderCephClusterNetwork({ host: first, clusterPrefix }));
  const addresses = () =>
    cephOsds(lab.rack)
      .list()
      .map(({ body }) => body.clusterAddress);
  const up = () => cephHealth(lab.rack).osdsUp;
  async function buildRing(): Promise<void> {
    for (const { host } of plan.ring.members) {
      const ports = plan.ring.cables
        .flatMap(({ a, b }) => [a, b])
        .filter((end) => end.host === host)
        .map((end) => ({ interface: end.interface, pciPath: end.pciPath ?? "" }));
      await lab.on(host, renderPackageSources({ host }));
      await lab.on(host, renderUsb4Links({ host, ports, mtu: 65_520 }));
    }
    const nodes = plan.ring.members.map(({ host: nodeId, address: ip }) => ({
      body: { fabricId: "usb4ring", nodeId, ip, interfaceNames: ["en05", "en06"] },
    }));
    lab.rack.collection("pve sdn running").put("running", { "pve sdn fabric node": nodes });
  }

  it("is written as it is wanted, and not again", async () => {
    await to(storage);
    const before = lab.snapshot();
    assert.match((await to(storage)).stderr, /nothing to write: it is 10\.8\.48\.0\/24/);
    assert.equal(lab.snapshot(), before);
  });

  it("stops at the first OSD that finds no address there, and the way back brings that one up again", async () => {
    await assert.rejects(
      to(plan.ring.prefix),
      /gave up waiting for osd\.0 to be up on 10\.8\.49\.0\/24; the others are as they were/,
    );
    assert.equal(up(), 2);
    await to(storage);
    assert.equal(up(), 3);
    assert.equal(addresses()[0], "10.8.48.12");
  });

  it("takes in no new OSD on a host without an address in it", async () => {
    await lab.on(first, `sed -i 's#cluster_network = .*#cluster_network = ${plan.ring.prefix}#' /etc/pve/ceph.conf`);
    await assert.rejects(
      lab.on(first, "pveceph osd create /dev/disk/by-id/nvme-aimax-01-osd0"),
      /No address from ceph cluster network \(10\.8\.49\.0\/24\) found on node 'pve-aimax-01'\. Check your network config\./,
    );
    await to(storage);
  });

  it("moves every OSD to the ring, and what a run left over when it was cut short", async () => {
    await buildRing();
    await to(plan.ring.prefix);
    assert.deepEqual([addresses(), up()], [["10.8.49.3", "10.8.49.1", "10.8.49.2"], 3]);
    cephOsds(lab.rack).edit("1", (osd) => Object.assign(osd, { clusterAddress: "10.8.48.10" }));
    const { stderr } = await to(plan.ring.prefix);
    assert.match(stderr, /restarting osd\.1 of pve-ms01-01/);
    assert.doesNotMatch(stderr, /restarting osd\.[02]/);
    const before = lab.snapshot();
    await to(plan.ring.prefix);
    assert.equal(lab.snapshot(), before);
  });

  it("moves no OSD that Ceph cannot do without", async () => {
    const setDisk = (isFailed: boolean) =>
      hosts(lab.rack).edit(third, ({ disks }) => {
        for (const disk of disks.filter(({ name }) => name === "osd0")) Object.assign(disk, { isFailed });
      });
    setDisk(true);
    await assert.rejects(
      to(storage),
      /gave up waiting for Ceph to be able to do without osd\.0; .*EBUSY: unsafe to stop/,
    );
    setDisk(false);
    await to(plan.ring.prefix);
    assert.equal(up(), 3);
  });

  it("goes on with a cable less, and without the host that has none left, which the others report", () => {
    setCable(lab.rack, cut[0] ?? "", false);
    assert.equal(up(), 3);
    setCable(lab.rack, cut[1] ?? "", false);
    assert.equal(up(), 2);
    for (const end of cut) setCable(lab.rack, end, true);
    assert.equal(up(), 3);
  });

  it("is of no use behind a firewall that does not let the ring in, nor is it for machines that move", () => {
    const { rack } = lab;
    const options = { migrationType: "secure", migrationCidr: plan.ring.prefix };
    rack.collection("pve cluster options").put("cluster", options);
    requireMigration(rack, first, second);
    const accept = (source: string) =>
      rack.collection(FIREWALL_KINDS.rules).put("cluster", { rules: [{ type: "in", action: "ACCEPT", source }] });
    rack.collection(FIREWALL_KINDS.cluster).put("cluster-firewall", { enabled: true, inputPolicy: "DROP" });
    accept(storage);
    rack.collection<{ rules: object[] }>(FIREWALL_KINDS.rules).edit("cluster", ({ rules }) => {
      rules.push({ type: "in", action: "ACCEPT", source: plan.ring.prefix, macro: "Ping" });
      rules.push({ type: "in", action: "ACCEPT", source: plan.ring.prefix, proto: "udp", dport: "1:65535" });
    });
    assert.notEqual(up(), 3);
    assert.throws(() => requireMigration(rack, first, second), /10\.8\.49\.1 port 22: Connection timed out/);
    accept(`${storage},${plan.ring.prefix}`);
    assert.equal(up(), 3);
    requireMigration(rack, first, second);
  });

  it("carries no machine to a host that has no address in its network", () => {
    lab.rack
      .collection("pve cluster options")
      .put("cluster", { migrationType: "secure", migrationCidr: "10.8.50.0/24" });
    assert.throws(() => requireMigration(lab.rack, first, second), {
      message: "could not get migration ip: no IP address configured on local node for network '10.8.50.0/24'",
    });
  });
});
