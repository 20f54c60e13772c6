import assert from "node:assert/strict";
import { loadTable } from "../../lab/plugin/table.ts";
import type { Properties } from "../../lab/plugin/wire.ts";
import { proxmoxve } from "../../lab/providers/proxmoxve/provider.ts";
import { createCluster, joinCluster } from "../../lab/rack/corosync.ts";
import { hosts } from "../../lab/rack/hosts.ts";
import { linksOf } from "../../lab/rack/links.ts";
import { reach } from "../../lab/rack/reach.ts";
import { setCable } from "../../lab/rack/switches.ts";
import { vms } from "../../lab/rack/vms.ts";
import { REPLACEMENTS } from "../../lab/tables/replacements.ts";
import { type FurnishedRack, furnishedRack, Plugin } from "./furnished-rack.ts";

const BOND = "proxmoxve:network/linux/bond:Bond";
const VLAN = "proxmoxve:network/linux/vlan:Vlan";
const BRIDGE = "proxmoxve:network/linux/bridge:Bridge";
const FILE = "proxmoxve:download/file:File";
const VM = "proxmoxve:index/vmLegacy:VmLegacy";
const RULES = "proxmoxve:firewall/rulesLegacy:RulesLegacy";

const HOST = "pve-ms01-01";
const IMAGE_URL =
  "https://factory.talos.dev/image/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d32b4ba/v1.13.0/nocloud-amd64.raw.gz";

const bond = (host = HOST): Properties => ({
  nodeName: host,
  name: "bond0",
  slaves: ["enp2s0f0np0", "enp2s0f1np1"],
  bondMode: "802.3ad",
  bondXmitHashPolicy: "layer3+4",
  mtu: 9000,
});
const image: Properties = {
  nodeName: HOST,
  contentType: "iso",
  datastoreId: "local",
  url: IMAGE_URL,
  fileName: "talos.img",
  decompressionAlgorithm: "gz",
};
const vm: Properties = {
  nodeName: HOST,
  vmId: 801,
  name: "talos-k8s-01",
  cpu: { cores: 4 },
  memory: { dedicated: 16_384 },
  disks: [{ interface: "scsi0", datastoreId: "local-lvm", size: 100, fileId: "local:iso/talos.img" }],
  networkDevices: [{ bridge: "vmbr0", vlanId: 16, macAddress: "02:00:00:00:00:01" }],
  initialization: {
    datastoreId: "local-lvm",
    ipConfigs: [{ ipv4: { address: "10.8.16.20/24", gateway: "10.8.16.1" } }],
  },
};

describe("the simulated Proxmox VE", () => {
  let world: FurnishedRack;
  let pve: Plugin;
  const at = (host: string) =>
    new Plugin(proxmoxve, { endpoint: `https://${host}.test.rack.invalid:8006/`, apiToken: "root@pam!test=0" });

  beforeEach(() => {
    world = furnishedRack();
    pve = at(HOST);
  });
  afterEach(() => world.close());

  it("simulates every resource that it has a table of, and knows the replacements of no other", () => {
    const tables = Object.keys(loadTable("proxmoxve").resources).sort();
    assert.deepEqual(Object.keys(proxmoxve.resources).sort(), tables);
    assert.deepEqual(
      Object.keys(REPLACEMENTS).filter((token) => !tables.includes(token)),
      [],
    );
  });

  describe("network", () => {
    it("makes a storage network that two hosts hear each other on, with jumbo frames", async () => {
      for (const [host, address] of [
        [HOST, "10.8.48.10/24"],
        ["pve-ms01-02", "10.8.48.11/24"],
      ] as const) {
        const made = await at(host).create(BOND, bond(host));
        assert.equal(made.id, `${host}:bond0`);
        await at(host).create(VLAN, { nodeName: host, name: "bond0.48", address, mtu: 9000 });
      }
      assert.deepEqual(reach(world.rack, { from: HOST, to: "10.8.48.11", size: 9000 }), { ok: true, mtu: 9000 });
      setCable(world.rack, `${HOST}/enp2s0f0np0`, false);
      assert.equal(reach(world.rack, { from: HOST, to: "10.8.48.11" }).ok, true, "one cable of two is enough");
      setCable(world.rack, `${HOST}/enp2s0f1np1`, false);
      assert.match(
        JSON.stringify(reach(world.rack, { from: HOST, to: "10.8.48.11" })),
        /bond0 on pve-ms01-01: no member has a link/,
      );
    });

    it("does not carry a bond whose other end is no LACP group", async () => {
      const { bondXmitHashPolicy: _, ...plainBond } = bond();
      await pve.create(BOND, { ...plainBond, bondMode: "active-backup" });
      await pve.create(VLAN, { nodeName: HOST, name: "bond0.48", address: "10.8.48.10/24" });
      await at("pve-ms01-02").create(BOND, bond("pve-ms01-02"));
      await at("pve-ms01-02").create(VLAN, { nodeName: "pve-ms01-02", name: "bond0.48", address: "10.8.48.11/24" });
      assert.deepEqual(reach(world.rack, { from: "10.8.48.10", to: "10.8.48.11" }), {
        ok: false,
        reason:
          "10.8.48.10 gets no ARP reply from 10.8.48.11 (pve-ms01-02 bond0.48): bond0 on pve-ms01-01 is active-backup, but its switch ports form an LACP group",
      });
    });

    const refusals: [string, string, Properties, RegExp][] = [
      [
        "a bond over a NIC that is not there",
        BOND,
        { ...bond(), slaves: ["enp2s0f0np0", "enp9s0"] },
        /unable to find slave 'enp9s0'/,
      ],
      [
        "a bond over a NIC that a bridge uses",
        BOND,
        { ...bond(), slaves: ["enp2s0f0np0", "enp87s0"] },
        /slave 'enp87s0' is already used on interface 'vmbr0'|bridge port 'enp87s0' is already used on interface 'bond0'/,
      ],
      [
        "members in an order that the API changes",
        BOND,
        { ...bond(), slaves: ["enp2s0f1np1", "enp2s0f0np0"] },
        /slaves: .*give them as enp2s0f0np0, enp2s0f1np1/,
      ],
      ["a VLAN over nothing", VLAN, { nodeName: HOST, name: "bond7.48" }, /unable to find vlan raw device 'bond7'/],
      [
        "a VLAN with an MTU larger than its parent's",
        VLAN,
        { nodeName: HOST, name: "vmbr0.28", mtu: 9000 },
        /interface 'vmbr0' - mtu 1500 is lower than 'vmbr0.28' - mtu 9000/,
      ],
      [
        "an address that another host has",
        VLAN,
        { nodeName: HOST, name: "vmbr0.28", address: "10.8.16.11/24" },
        /duplicate address 10.8.16.11\/24 detected, in use by pve-ms01-02/,
      ],
      [
        "a second default gateway",
        VLAN,
        { nodeName: HOST, name: "vmbr0.28", address: "10.8.28.9/22", gateway: "10.8.28.1" },
        /Default gateway already exists on interface 'vmbr0.16'/,
      ],
      [
        "an interface that exists",
        BRIDGE,
        { nodeName: HOST, name: "vmbr0", ports: ["enp87s0"] },
        /iface: interface already exists/,
      ],
      [
        "a host that is in no cluster with the endpoint's",
        BOND,
        bond("pve-ms01-02"),
        /hostname lookup 'pve-ms01-02' failed/,
      ],
    ];
    for (const [what, token, inputs, message] of refusals) {
      it(`refuses ${what}`, async () => {
        const links = linksOf(world.rack, HOST);
        await assert.rejects(pve.create(token, inputs), message);
        assert.deepEqual(linksOf(world.rack, HOST), links);
      });
    }

    it("reports a change that cuts the way to the host, and keeps it, as hardware does", async () => {
      const subject = Plugin.subject(BRIDGE);
      const { inputs, outputs } = await pve.kernel.read(subject, `${HOST}:vmbr0`, {}, {});
      assert.deepEqual(inputs["ports"], ["enp87s0"]);
      const cut = pve.kernel.update(subject, `${HOST}:vmbr0`, outputs, { ...inputs, ports: ["enp2s0f0np0"] }, false);
      await assert.rejects(cut, /the host does not answer any more/);
      assert.deepEqual(linksOf(world.rack, HOST)["vmbr0"]?.members, ["enp2s0f0np0"]);
      await assert.rejects(pve.create(BOND, bond()), /no route to host/);
    });
  });

  describe("virtual machines", () => {
    it("boots one that is on the wire at once", async () => {
      await pve.create(FILE, image);
      const made = await pve.create(VM, vm);
      assert.equal(made.id, "801");
      assert.equal(vms(world.rack).get("801")?.running, true);
      assert.deepEqual(reach(world.rack, { from: "operator", to: "10.8.16.20" }), { ok: true, mtu: 1500 });
      setCable(world.rack, `${HOST}/enp87s0`, false);
      assert.equal(reach(world.rack, { from: "operator", to: "10.8.16.20" }).ok, false);
      await assert.rejects(pve.kernel.read(Plugin.subject(VM), "801", made.outputs, made.inputs), /no route to host/);
    });

    it("moves a running one over the network of live migration alone, and so to no host without an address in it", async () => {
      const target = "pve-ms01-02";
      createCluster(world.rack, HOST, "test", ["10.8.16.10"]);
      joinCluster(world.rack, target, "10.8.16.10", ["10.8.16.11"]);
      await pve.create(FILE, image);
      const made = await pve.create(VM, { ...vm, migrate: true });
      const move = async (migrationCidr: string) => {
        await pve.create("proxmoxve:cluster/options:Options", { migrationType: "secure", migrationCidr });
        const to = { ...made.inputs, nodeName: target };
        return pve.kernel.update(Plugin.subject(VM), made.id, made.outputs, to, false);
      };
      await assert.rejects(
        move("10.8.49.0/24"),
        /migration aborted: could not get migration ip: no IP address configured on local node for network '10\.8\.49\.0\/24'/,
      );
      assert.equal(vms(world.rack).get("801")?.host, HOST);
      await move("10.8.16.0/24");
      assert.equal(vms(world.rack).get("801")?.host, target);
    });

    it("shows what was changed behind the program's back, and nothing else", async () => {
      await pve.create(FILE, image);
      const made = await pve.create(VM, vm);
      const calm = await pve.kernel.read(Plugin.subject(VM), made.id, made.outputs, made.inputs);
      assert.deepEqual(calm.inputs, made.inputs);
      vms(world.rack).edit("801", (body) => {
        body.cores = 2;
        body.running = false;
      });
      const drifted = await pve.kernel.read(Plugin.subject(VM), made.id, made.outputs, made.inputs);
      assert.deepEqual(drifted.inputs, { ...made.inputs, cpu: { cores: 2 }, started: false });
    });

    it("replaces for another image, and grows a disk in place", async () => {
      const disk = { interface: "scsi0", datastoreId: "local-lvm", size: 100, fileId: "local:iso/talos.img" };
      const changes = (disks: Properties[]) => pve.kernel.diff(Plugin.subject(VM), vm, { ...vm, disks }).changes;
      assert.deepEqual(changes([{ ...disk, fileId: "local:iso/new.img" }]), [
        { path: "disks[0].fileId", kind: "update", replaces: true },
      ]);
      assert.deepEqual(changes([{ ...disk, size: 120 }]), [{ path: "disks[0].size", kind: "update", replaces: false }]);
    });

    const refusals: [string, Properties, RegExp][] = [
      [
        "one whose image is not there",
        { disks: [{ interface: "scsi0", size: 100, fileId: "local:iso/other.img" }] },
        /volume 'local:iso\/other.img' does not exist/,
      ],
      ["more memory than the host has", { memory: { dedicated: 99_999 } }, /Cannot allocate memory/],
      ["more cores than the host has", { cpu: { cores: 17 } }, /MAX 16 vcpus allowed per VM on this node/],
      [
        "a disk larger than the storage",
        { disks: [{ interface: "scsi0", size: 9_000 }] },
        /not enough space for vm-801-disk-0/,
      ],
      [
        "an unknown storage",
        { disks: [{ interface: "scsi0", size: 10, datastoreId: "tank" }] },
        /storage 'tank' does not exist/,
      ],
      ["an unknown bridge", { networkDevices: [{ bridge: "vmbr9" }] }, /bridge 'vmbr9' does not exist/],
      [
        "an address that a host has",
        { initialization: { ipConfigs: [{ ipv4: { address: "10.8.16.11/24" } }] } },
        /duplicate address 10.8.16.11\/24/,
      ],
      ["unsorted tags", { tags: ["b", "a"] }, /tags: .*give them as a, b/],
      [
        "a multicast MAC",
        { networkDevices: [{ bridge: "vmbr0", macAddress: "01:00:00:00:00:01" }] },
        /networkDevices\[0\].macAddress/,
      ],
      ["a property that is none", { colour: "red" }, /colour: Invalid or unknown key/],
    ];
    for (const [what, change, message] of refusals) {
      it(`refuses ${what}`, async () => {
        await pve.create(FILE, image);
        await assert.rejects(pve.create(VM, { ...vm, ...change }), message);
        assert.deepEqual(vms(world.rack).list(), [], "nothing is left over");
      });
    }

    it("refuses an id and a MAC that are taken", async () => {
      await pve.create(FILE, image);
      await pve.create(VM, vm);
      await assert.rejects(pve.create(VM, vm), /VM 801 already exists on node 'pve-ms01-01'/);
      await assert.rejects(
        pve.create(VM, { ...vm, vmId: 802, name: "b" }),
        /MAC address 02:00:00:00:00:01 is already used by VM 801/,
      );
    });

    it("downloads only where there is a way to the server, and never over a file of somebody else", async () => {
      await pve.create(FILE, image);
      await assert.rejects(pve.create(FILE, image), /refusing to override existing file 'talos.img'/);
      await assert.rejects(
        pve.create(FILE, { ...image, fileName: "b.img", url: IMAGE_URL.replace(/376\w+/, "0".repeat(64)) }),
        /404 Not Found/,
      );
      await assert.rejects(pve.create(FILE, { ...image, decompressionAlgorithm: "xz" }), /decompressionAlgorithm/);
    });
  });

  it("checks names in firewall rules", async () => {
    const rules = (source: string): Properties => ({
      nodeName: HOST,
      rules: [{ type: "in", action: "ACCEPT", source, proto: "tcp", dport: "22" }],
    });
    await assert.rejects(pve.create(RULES, rules("+management")), /no such ipset 'management'/);
    await pve.create("proxmoxve:firewall/ipsetLegacy:IpsetLegacy", {
      name: "management",
      cidrs: [{ name: "10.8.16.0/24" }],
    });
    assert.equal((await pve.create(RULES, rules("+management"))).id, `node/${HOST}`);
    await assert.rejects(pve.create(RULES, rules("+management")), /has rules already; import them/);
  });

  it("replaces an address set whose entries change, the old one first, since both have one name", () => {
    const set = (name: string): Properties => ({ name: "management", cidrs: [{ name }] });
    const subject = Plugin.subject("proxmoxve:firewall/ipsetLegacy:IpsetLegacy");
    assert.deepEqual(pve.kernel.diff(subject, set("10.8.16.0/24"), set("10.8.28.0/22")), {
      changes: [{ path: "cidrs[0].name", kind: "update", replaces: true }],
      deleteBeforeReplace: true,
    });
  });

  it("locks the operator out when the firewall comes before the rule that lets him in, as hardware does", async () => {
    const enable = { enabled: true, inputPolicy: "DROP" };
    await assert.rejects(
      pve.create("proxmoxve:cluster/firewallLegacy:FirewallLegacy", enable),
      /the firewall of pve-ms01-01 drops port 8006: there is no ipset "management"/,
    );
    await assert.rejects(pve.create(BOND, bond()), /i\/o timeout/);
  });

  it("makes no Ceph pool without monitors", async () => {
    await assert.rejects(
      pve.create("proxmoxve:ceph/pool:Pool", { nodeName: HOST, name: "kubernetes" }),
      /received an HTTP 500 response - Reason: /,
    );
  });

  it("fails at once when the host is off", async () => {
    hosts(world.rack).edit(HOST, (host) => {
      host.powered = false;
    });
    await assert.rejects(pve.create(BOND, bond()), /no route to host \(pve-ms01-01 is off\)/);
  });
});
