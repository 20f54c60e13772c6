// The program's real scripts on simulated hosts: each does its work, and run again it changes nothing.
import assert from "node:assert/strict";
import { renderCephInit } from "../../../components/host-scripts/ceph-init.ts";
import { renderCephInstall } from "../../../components/host-scripts/ceph-install.ts";
import { renderCephMonitor } from "../../../components/host-scripts/ceph-monitor.ts";
import { renderCephOsd } from "../../../components/host-scripts/ceph-osd.ts";
import { renderCephSteady } from "../../../components/host-scripts/ceph-steady.ts";
import { renderCephUser } from "../../../components/host-scripts/ceph-user.ts";
import {
  renderClusterAdmit,
  renderClusterCreate,
  renderClusterIntroduce,
  renderClusterJoin,
} from "../../../components/host-scripts/cluster.ts";
import { renderCorosyncLinks } from "../../../components/host-scripts/corosync-links.ts";
import { renderHostsGone } from "../../../components/host-scripts/hosts-gone.ts";
import { renderLacpRate } from "../../../components/host-scripts/lacp-rate.ts";
import { renderManagementNetwork } from "../../../components/host-scripts/management-network.ts";
import { cephHealth } from "../../../lab/rack/ceph.ts";
import { clusterOf, quorumOf } from "../../../lab/rack/corosync.ts";
import { hosts } from "../../../lab/rack/hosts.ts";
import { linksOf, putLinks } from "../../../lab/rack/links.ts";
import { setCable } from "../../../lab/rack/switches.ts";
import type { HostPlan } from "../../../plan/plan.ts";
import { type LabRack, labRack } from "../../support/lab-rack.ts";

const FIRST = "pve-aimax-01";

describe("the program's scripts on simulated hosts", function () {
  this.timeout(30_000);
  let lab: LabRack;
  const host = (name: string): HostPlan => lab.plan.hosts.find((found) => found.name === name) as HostPlan;
  const others = () => lab.plan.hosts.filter(({ name }) => name !== FIRST);

  before(() => {
    lab = labRack();
  });
  after(() => lab.close());

  /** Runs a script twice: the second run gives the same answer and leaves the rack as it is. */
  async function twice(name: string, script: string, stdin?: string): Promise<string> {
    const first = await lab.on(name, script, stdin);
    const before = lab.snapshot();
    const second = await lab.on(name, script, stdin);
    assert.equal(second.stdout, first.stdout);
    assert.equal(lab.snapshot(), before, `${name}: a second run changed the rack`);
    return first.stdout;
  }

  function managementNetwork(
    { name, interfacesFile, managementInterface, managementAddress }: HostPlan,
    file = interfacesFile,
  ) {
    return renderManagementNetwork({
      host: name,
      interfacesFile: file,
      interface: managementInterface,
      address: managementAddress,
      gateway: "10.8.16.1",
      keptInterfaces: ["bond0", "bond0.48"],
    });
  }

  it("writes the network under the management address", async () => {
    for (const plan of lab.plan.hosts) {
      await twice(plan.name, managementNetwork(plan));
      const links = linksOf(lab.rack, plan.name);
      assert.deepEqual(links["vmbr0"]?.vlanIds, [16, 28]);
      assert.deepEqual(links["vmbr0.16"]?.addresses, [`${plan.managementAddress}/24`]);
    }
  });

  it("puts the former network back when the host would lose its way", async () => {
    const plan = host("pve-ms01-01");
    const before = linksOf(lab.rack, plan.name);
    const unplugged = plan.interfacesFile.replaceAll("enp87s0", "enp2s0f0np0");
    await assert.rejects(lab.on(plan.name, managementNetwork(plan, unplugged)), /put the former network back/);
    assert.deepEqual(linksOf(lab.rack, plan.name), before);
  });

  it("makes the cluster and lets the others join", async () => {
    const first = host(FIRST);
    const cluster = { cluster: "homelab", firstAddress: first.managementAddress };
    const hostKey = await twice(
      FIRST,
      renderClusterCreate({ host: FIRST, ...cluster, address: first.managementAddress }),
    );
    assert.match(hostKey, /^ssh-ed25519 \S+ root@pve-aimax-01$/);
    for (const { name, managementAddress: address } of others()) {
      const join = renderClusterJoin({ host: name, ...cluster, address });
      await assert.rejects(lab.on(name, join), /Host key verification failed/);
      const key = await twice(
        name,
        renderClusterIntroduce({ host: name, firstAddress: first.managementAddress }),
        hostKey,
      );
      await assert.rejects(lab.on(name, join), /Permission denied \(publickey,password\)/);
      await twice(FIRST, renderClusterAdmit({ host: FIRST, joining: name }), key);
      await twice(name, join);
    }
    assert.deepEqual(quorumOf(lab.rack, FIRST).online, ["pve-aimax-01", "pve-ms01-01", "pve-ms01-02"]);
  });

  it("sets the LACP rate of a bond that the API has made, and keeps the bond when the management network is written again", async () => {
    for (const plan of lab.plan.hosts) {
      for (const bond of plan.bonds) {
        const links = linksOf(lab.rack, plan.name);
        const made = {
          name: bond.name,
          kind: "bond" as const,
          addresses: [],
          autostart: true,
          mtu: bond.mtu,
          members: [...bond.members],
        };
        links[bond.name] = { ...made, bondMode: bond.mode, xmitHashPolicy: bond.xmitHashPolicy, comment: "storage" };
        for (const { name, parent, vlanId, mtu, address } of bond.vlanInterfaces) {
          links[name] = { name, kind: "vlan", parent, vlanId, mtu, addresses: [address], autostart: true };
        }
        putLinks(lab.rack, plan.name, links);
        await twice(plan.name, renderLacpRate(bond));
        assert.equal(linksOf(lab.rack, plan.name)[bond.name]?.lacpRate, "fast");
        assert.equal(linksOf(lab.rack, plan.name)[bond.name]?.comment, "storage");
      }
      await twice(plan.name, managementNetwork(plan));
      assert.deepEqual(linksOf(lab.rack, plan.name)["bond0.48"]?.addresses, [
        plan.bonds[0]?.vlanInterfaces[0]?.address,
      ]);
    }
  });

  it("gives corosync its second link, but none that does not answer", async () => {
    const members = lab.plan.proxmoxCluster?.members ?? [];
    const script = renderCorosyncLinks({ host: FIRST, members });
    for (const nic of ["enp2s0f0np0", "enp2s0f1np1"]) setCable(lab.rack, `pve-ms01-02/${nic}`, false);
    await assert.rejects(lab.on(FIRST, script), /gave up waiting for pve-ms01-02 on its address 10\.8\.48\.11/);
    for (const nic of ["enp2s0f0np0", "enp2s0f1np1"]) setCable(lab.rack, `pve-ms01-02/${nic}`, true);
    await twice(FIRST, script);
    assert.deepEqual(
      clusterOf(lab.rack, FIRST)?.nodes.map(({ links }) => links),
      members.map(({ links }) => links),
    );
  });

  it("builds Ceph up to a key for the cluster's pool", async () => {
    const ceph = lab.plan.ceph;
    assert.ok(ceph);
    const [firstMonitor] = ceph.monitors;
    assert.ok(firstMonitor);
    for (const { host: name } of ceph.monitors)
      await twice(name, renderCephInstall({ host: name, version: ceph.version }));
    const fsid = await twice(
      firstMonitor.host,
      renderCephInit({ host: firstMonitor.host, publicPrefix: ceph.publicPrefix, ...ceph.pool }),
    );
    assert.equal(fsid, cephHealth(lab.rack).fsid);
    for (const monitor of ceph.monitors) await twice(monitor.host, renderCephMonitor(monitor));
    const ids = [];
    for (const { host: name, device } of ceph.osds) ids.push(await twice(name, renderCephOsd({ host: name, device })));
    assert.deepEqual(ids, ["0", "1", "2"]);
    const key = await twice(
      firstMonitor.host,
      renderCephUser({ host: firstMonitor.host, user: "kubernetes", pool: ceph.pool.name }),
    );
    assert.match(key, /^[A-Za-z0-9+/]{38}==$/);
    const health = cephHealth(lab.rack);
    assert.deepEqual([health.status, health.quorum, health.osdsUp, health.managers.length], ["HEALTH_OK", true, 3, 3]);
  });

  it("refuses a disk that something lies on, and says how it is freed", async () => {
    const script = renderCephOsd({ host: "pve-ms01-01", device: "/dev/disk/by-id/nvme-ms01-01-system" });
    await assert.rejects(lab.on("pve-ms01-01", script), /device is in use[\s\S]*ceph-volume lvm zap/);
  });

  it("keeps an upgrade waiting while Ceph lacks a copy, and a host while Ceph has data on it", async () => {
    const steady = renderCephSteady({ host: FIRST, before: "talos-k8s-02 gets Talos v1.13.1" });
    await lab.on(FIRST, steady);
    const setDisk = (isFailed: boolean) =>
      hosts(lab.rack).edit("pve-ms01-01", ({ disks }) => {
        for (const disk of disks.filter(({ name }) => name === "osd0")) Object.assign(disk, { isFailed });
      });
    setDisk(true);
    await assert.rejects(
      lab.on(FIRST, steady),
      /Ceph before talos-k8s-02 gets Talos v1\.13\.1: gave up waiting for Ceph to have every copy of everything .*\[WRN\] OSD_DOWN: 1 osds down/s,
    );
    setDisk(false);
    await lab.on(FIRST, renderHostsGone({ host: FIRST, hosts: lab.plan.hosts.map(({ name }) => name) }));
    await assert.rejects(
      lab.on(FIRST, renderHostsGone({ host: FIRST, hosts: [FIRST, "pve-ms01-02"] })),
      /pve-ms01-01 is not in the description any more and still has Ceph's osd \d; move its data off first/,
    );
  });

  it("loses the monitors' quorum with two of three hosts off, and only then", async () => {
    const power = (name: string, powered: boolean) =>
      hosts(lab.rack).edit(name, (body) => Object.assign(body, { powered }));
    power("pve-ms01-01", false);
    assert.equal(cephHealth(lab.rack).quorum, true);
    assert.equal(cephHealth(lab.rack).status, "HEALTH_WARN");
    power("pve-ms01-02", false);
    assert.equal(cephHealth(lab.rack).quorum, false);
    await assert.rejects(lab.on(FIRST, "ceph -s"), /RADOS timed out/);
    await assert.rejects(lab.on("pve-ms01-01", "hostname"), /i\/o timeout \(pve-ms01-01 is switched off\)/);
    for (const name of ["pve-ms01-01", "pve-ms01-02"]) power(name, true);
    assert.equal(cephHealth(lab.rack).status, "HEALTH_OK");
  });
});

describe("a host that joins a cluster with two links", function () {
  this.timeout(30_000);
  let lab: LabRack;
  before(() => {
    lab = labRack();
  });
  after(() => lab.close());

  it("is taken in over the first link, and has both afterwards", async () => {
    const members = lab.plan.proxmoxCluster?.members ?? [];
    const [first, second, third] = members;
    assert.ok(first && second && third);
    const links = ({ links: [address = ""] }: { links: readonly string[] }) => address;
    const identity = { cluster: "homelab", firstAddress: links(first) };
    for (const plan of lab.plan.hosts) {
      const all = linksOf(lab.rack, plan.name);
      for (const { name, members: slaves, mode, mtu, xmitHashPolicy, vlanInterfaces } of plan.bonds) {
        all[name] = {
          name,
          kind: "bond",
          addresses: [],
          autostart: true,
          mtu,
          members: [...slaves],
          bondMode: mode,
          xmitHashPolicy,
        };
        for (const { name: vlan, parent, vlanId, address } of vlanInterfaces) {
          all[vlan] = { name: vlan, kind: "vlan", parent, vlanId, mtu, addresses: [address], autostart: true };
        }
      }
      putLinks(lab.rack, plan.name, all);
    }
    const hostKey = await lab.on(
      first.host,
      renderClusterCreate({ host: first.host, ...identity, address: links(first) }),
    );
    const join = async (member: typeof first) => {
      const key = await lab.on(member.host, renderClusterIntroduce({ host: member.host, ...identity }), hostKey.stdout);
      await lab.on(first.host, renderClusterAdmit({ host: first.host, joining: member.host }), key.stdout);
      await lab.on(member.host, renderClusterJoin({ host: member.host, ...identity, address: links(member) }));
    };
    await join(second);
    await lab.on(first.host, renderCorosyncLinks({ host: first.host, members: [first, second] }));
    await assert.rejects(
      lab.on(third.host, `pvecm add ${links(first)} --use_ssh --link0 ${links(third)}`),
      /Host key verification failed/,
    );
    await join(third);
    assert.deepEqual(
      clusterOf(lab.rack, first.host)?.nodes.map((node) => node.links.length),
      [1, 1, 1],
    );
    await lab.on(first.host, renderCorosyncLinks({ host: first.host, members }));
    assert.deepEqual(
      clusterOf(lab.rack, first.host)?.nodes.map((node) => node.links),
      members.map((member) => member.links),
    );
  });
});
