// The homelab's Proxmox part and a USB4 ring between its hosts, made by the provider that the Pulumi package is made of: it talks to the rack by Proxmox VE's HTTP API.
import assert from "node:assert/strict";
import { join } from "node:path";
import { tofuWorkspace, type Workspace } from "../../conformance/opentofu/tofu-run.ts";
import { piece } from "../../conformance/piece.ts";
import { pinnedVersion } from "../../conformance/programs.ts";
import { type Graph, planGraph } from "../../conformance/proxmox/graph.ts";
import { providerSchemas } from "../../conformance/proxmox/provider-schemas.ts";
import { programRegistrations } from "../../conformance/proxmox/registrations.ts";
import { type PveApi, servePveApi } from "../../lab/pve-api/server.ts";
import { cephPools } from "../../lab/rack/ceph.ts";
import { FIREWALL_KINDS } from "../../lab/rack/host-firewall.ts";
import { proxmoxHosts } from "../../lab/rack/hosts.ts";
import { linksOf } from "../../lab/rack/links.ts";
import { reach } from "../../lab/rack/reach.ts";
import { storages } from "../../lab/rack/storage.ts";
import { cables } from "../../lab/rack/switches.ts";
import { uploadSchematic } from "../../lab/rack/talos/image-factory.ts";
import { vms } from "../../lab/rack/vms.ts";
import { renderSchematic } from "../../plan/schematic.ts";
import { type LabRack, labRack } from "../support/lab-rack.ts";
import { ringPlan } from "../support/ring-plan.ts";

const about = {
  subject: "the Proxmox part of the homelab with a USB4 ring, on the rack by Proxmox VE's HTTP API",
  against: `Terraform provider for Proxmox VE ${pinnedVersion("proxmox")}, driven by OpenTofu ${pinnedVersion("opentofu")}`,
  limit: "whether Proxmox VE itself takes every value, and how long it needs",
};

const apiToken = "root@pam!pulumi=simulated";
const runner = join(import.meta.dirname, "../../conformance/proxmox/run-host-command.ts");
const quiet = ["-no-color", "-input=false"];

piece(about, () => {
  let lab: LabRack;
  let api: PveApi;
  let graph: Graph;
  let workspace: Workspace;
  let stores: unknown;
  const told = (token: string) => ({
    PROXMOX_VE_ENDPOINT: api.endpoint,
    PROXMOX_VE_API_TOKEN: token,
    PROXMOX_VE_INSECURE: "true",
  });
  const tofu = async (...args: string[]) => await workspace.run(...args, ...quiet);

  before(async function () {
    this.timeout("40m");
    const schemas = await providerSchemas();
    lab = labRack("conformance", ringPlan());
    uploadSchematic(lab.rack, renderSchematic(lab.plan.image));
    stores = storages(lab.rack).list();
    api = await servePveApi({ rack: lab.rack, apiToken });
    workspace = await tofuWorkspace(told(apiToken));
    const commands = join(workspace.folder, "commands.json");
    const words = (...parts: string[]) => parts.map((part) => `'${part}'`).join(" ");
    graph = planGraph(await programRegistrations(lab.plan, "conformance", schemas), schemas, (name, step) =>
      words(process.execPath, "--no-warnings", runner, "conformance", commands, name, step),
    );
    workspace.write("main.tf.json", graph.main);
    workspace.write("commands.json", graph.commands);
  });
  after(async () => {
    workspace?.close();
    await api?.close();
    lab?.close();
  });

  it("has every kind of resource that the program declares", () => {
    assert.deepEqual(graph.counts, {
      proxmox_apt_standard_repository: 3,
      proxmox_ceph_pool: 1,
      proxmox_cluster_options: 1,
      proxmox_download_file: 3,
      proxmox_network_linux_bond: 3,
      proxmox_network_linux_vlan: 3,
      proxmox_node_firewall: 3,
      proxmox_sdn_applier: 2,
      proxmox_sdn_fabric_node_openfabric: 3,
      proxmox_sdn_fabric_openfabric: 1,
      proxmox_virtual_environment_cluster_firewall: 1,
      proxmox_virtual_environment_dns: 3,
      proxmox_virtual_environment_firewall_ipset: 6,
      proxmox_virtual_environment_firewall_options: 3,
      proxmox_virtual_environment_firewall_rules: 7,
      proxmox_virtual_environment_hosts: 3,
      proxmox_virtual_environment_time: 3,
      proxmox_virtual_environment_vm: 3,
    });
  });

  it("comes up: the machines run, from the planned image, on the planned networks", async function () {
    this.timeout("5m");
    const { code, text } = await tofu("apply", "-auto-approve");
    assert.equal(code, 0, text);
    const planned = lab.plan.nodes.flatMap(({ vm }) => vm ?? []);
    for (const { id, nics, host, diskGiB } of planned) {
      const vm = vms(lab.rack).get(String(id));
      assert.ok(vm?.running, `VM ${id} does not run`);
      assert.equal(vm.host, host);
      assert.deepEqual(
        vm.nics.map(({ bridge, vlanId, mac }) => ({ bridge, vlanId, mac: mac.toLowerCase() })),
        nics.map(({ bridge, vlanId, mac }) => ({ bridge, vlanId, mac: mac.toLowerCase() })),
      );
      assert.deepEqual(
        vm.addresses.map(({ address }) => address),
        nics.map(({ address }) => address),
      );
      assert.equal(vm.disks[0]?.sizeGiB, diskGiB);
      assert.match(vm.disks[0]?.imageUrl ?? "", new RegExp(`/${lab.plan.image.talosVersion}/nocloud-`));
    }
  });

  it("comes up: the hosts reach each other over the ring, whichever of its cables is pulled", () => {
    const { rack, plan } = lab;
    const members = plan.ring?.members ?? [];
    const ways = members.flatMap(({ host }) =>
      members.flatMap(({ host: other, address }) =>
        other === host ? [] : [{ from: host, to: address, size: 65_520 }],
      ),
    );
    const lost = () => ways.filter((way) => !reach(rack, way).ok);
    assert.equal(ways.length, 6);
    assert.deepEqual(lost(), []);
    const ring = cables(rack)
      .list()
      .filter(({ body }) => body.ends.every(({ at }) => at === "usb4"));
    assert.equal(ring.length, 3);
    for (const { id } of ring) {
      const plug = (plugged: boolean) =>
        cables(rack).edit(id, (cable) => {
          cable.plugged = plugged;
        });
      plug(false);
      assert.deepEqual(lost(), [], `without ${id}`);
      plug(true);
    }
  });

  it("asked for nothing that Proxmox VE does not have, and for nothing beyond this machine", () => {
    assert.match(api.endpoint, /^https:\/\/127\.0\.0\.1:\d+\/$/);
    assert.deepEqual(
      api.answered.filter(({ status }) => status !== 200),
      [],
    );
  });

  it("is as planned: a second plan has no changes", async function () {
    this.timeout("2m");
    const { code, text } = await tofu("plan", "-detailed-exitcode");
    assert.equal(code, 0, text);
  });

  it("sees what was changed behind its back, nothing else, and mends it", async function () {
    this.timeout("3m");
    const { rack } = lab;
    const [first] = lab.plan.nodes.flatMap(({ vm }) => vm ?? []);
    assert.ok(first);
    vms(rack).edit(String(first.id), (vm) => {
      vm.cores -= 1;
    });
    rack.collection<{ cidrs: { name: string }[] }>(FIREWALL_KINDS.ipsets).edit("cluster/zone-storage", (set) => {
      set.cidrs.push({ name: "198.51.100.0/24" });
    });
    proxmoxHosts(rack).edit(first.host, (host) => {
      host.timeZone = "Pacific/Auckland";
    });
    const drifted = await tofu("plan", "-detailed-exitcode");
    assert.equal(drifted.code, 2, drifted.text);
    const changed = [...drifted.text.matchAll(/# (\S+) (?:will be updated|must be replaced)/g)].map(
      ([, address]) => address,
    );
    const machine = lab.plan.nodes.find(({ vm }) => vm?.id === first.id)?.name;
    assert.deepEqual(changed.sort(), [
      "proxmox_virtual_environment_firewall_ipset.firewall-zone-storage",
      `proxmox_virtual_environment_time.${first.host}-time`,
      `proxmox_virtual_environment_vm.${machine}-vm`,
    ]);
    const mended = await tofu("apply", "-auto-approve");
    assert.equal(mended.code, 0, mended.text);
    assert.equal(vms(rack).get(String(first.id))?.cores, first.cores);
    assert.equal(proxmoxHosts(rack).get(first.host)?.timeZone, lab.plan.timeZone);
    const again = await tofu("plan", "-detailed-exitcode");
    assert.equal(again.code, 0, again.text);
  });

  it("lets nobody in with another token", async function () {
    this.timeout("1m");
    const stranger = await tofuWorkspace(told("root@pam!pulumi=wrong"));
    try {
      stranger.write("main.tf.json", {
        terraform: { required_providers: { proxmox: { source: "bpg/proxmox" } } },
        data: { proxmox_virtual_environment_version: { asked: {} } },
      });
      const { code, text } = await stranger.run("plan", ...quiet);
      assert.equal(code, 1);
      assert.match(text, /HTTP 401/);
    } finally {
      stranger.close();
    }
  });

  it("goes again and leaves nothing of its own: the way to the hosts is open to the last", async function () {
    this.timeout("5m");
    const { code, text } = await tofu("destroy", "-auto-approve");
    assert.equal(code, 0, text);
    const { rack } = lab;
    assert.deepEqual(vms(rack).list(), []);
    assert.deepEqual(cephPools(rack).list(), []);
    assert.deepEqual(storages(rack).list(), stores);
    for (const kind of [
      ...Object.values(FIREWALL_KINDS),
      "pve cluster options",
      "pve pending network",
      "pve sdn fabric",
      "pve sdn fabric node",
    ])
      assert.deepEqual(rack.collection(kind).list(), [], kind);
    const running = rack.collection<Record<string, unknown[]>>("pve sdn running").get("running") ?? {};
    assert.deepEqual(Object.values(running).flat(), [], "the hosts still run the fabric");
    for (const { name, bonds } of lab.plan.hosts) {
      const links = linksOf(rack, name);
      const left = bonds.flatMap((bond) => [bond.name, ...bond.vlanInterfaces.map((vlan) => vlan.name)]);
      assert.deepEqual(
        left.filter((link) => links[link] !== undefined),
        [],
      );
    }
  });
});
