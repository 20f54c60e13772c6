import assert from "node:assert/strict";
import { FirewallZones } from "../../components/firewall-zones.ts";
import type { CephPlan, ProxmoxClusterPlan, RingPlan } from "../../plan/plan.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";
import { ringPlan } from "../support/ring-plan.ts";
import { ssh } from "../support/ssh.ts";

const plan = homelabPlan();
const cluster = plan.proxmoxCluster as ProxmoxClusterPlan;
const ceph = plan.ceph as CephPlan;
const build = (ring?: RingPlan): Promise<Recording> =>
  recordResources(
    () =>
      new FirewallZones("firewall", {
        plan: plan.firewall,
        hosts: plan.hosts,
        nodes: plan.nodes,
        ssh,
        cluster,
        ceph,
        isWatched: true,
        ...(ring === undefined ? {} : { ring }),
      }),
  );
type Rule = Record<string, unknown>;
const rulesOf = (recording: Recording, name: string): Rule[] => recording.named(name).inputs["rules"] as Rule[];

describe("FirewallZones", () => {
  it("is switched on last of all: the other way round it would shut out whoever sets it up", async () => {
    const recording = await build();
    const last = recording.resources.at(-2);
    const others = recording.resources.slice(1, -2).map((resource) => resource.name);
    assert.equal(last?.name, "firewall-cluster");
    assert.deepEqual(last?.dependsOn, others.sort());
    assert.deepEqual(last?.inputs, {
      enabled: true,
      inputPolicy: "DROP",
      outputPolicy: "ACCEPT",
      forwardPolicy: "ACCEPT",
    });
  });

  it("is switched off before anything of it is deleted: the provider leaves it on, and then nothing lets people in", async () => {
    const off = (await build()).named("firewall-off");
    assert.deepEqual(off.dependsOn, ["firewall-cluster"]);
    assert.match(String(off.inputs["delete"]), /pvesh set \/cluster\/firewall\/options --delete enable,/);
    assert.doesNotMatch(String(off.inputs["create"]), /pvesh/);
  });

  it("lets the management network administer, by the ipset that Proxmox knows by its name", async () => {
    const { inputs } = (await build()).named("firewall-management");
    assert.deepEqual(inputs, { name: "management", cidrs: [{ name: "10.8.16.0/24" }] });
  });

  it("keeps the hosts' own traffic open, before any rule of a person", async () => {
    const recording = await build();
    const links = recording.named("firewall-hosts-links").inputs["cidrs"] as { name: string }[];
    assert.deepEqual(
      links.map((link) => link.name),
      ["10.8.16.10", "10.8.16.11", "10.8.16.12", "10.8.48.10", "10.8.48.11", "10.8.48.12"],
    );
    assert.deepEqual(rulesOf(recording, "firewall-hosts").slice(0, 2), [
      { type: "in", action: "ACCEPT", source: "+hosts-links", proto: "udp", dport: "5405:5412", comment: "corosync" },
      {
        type: "in",
        action: "ACCEPT",
        source: "+hosts-links",
        proto: "tcp",
        dport: "22,60000:60050",
        comment: "migration",
      },
    ]);
  });

  it("takes the hosts' addresses in the ring for theirs", async () => {
    const { cidrs } = (await build(ringPlan().ring)).named("firewall-hosts-links").inputs;
    assert.deepEqual(
      (cidrs as { name: string }[]).map(({ name }) => name).filter((name) => name.startsWith("10.8.49.")),
      ["10.8.49.1", "10.8.49.2", "10.8.49.3"],
    );
  });

  it("keeps pods from the hosts' web interface and SSH, in the planned order, with a line in the log", async () => {
    const recording = await build();
    const person = rulesOf(recording, "firewall-hosts").filter((rule) => rule["action"] === "DROP");
    assert.deepEqual(person.slice(0, 2), [
      {
        ...{ type: "in", action: "DROP", source: "+zone-workload", dest: "+zone-hosts", proto: "tcp", dport: "8006" },
        ...{ log: "info", comment: "workload-to-proxmox-web" },
      },
      {
        ...{ type: "in", action: "DROP", source: "+zone-workload", dest: "+zone-hosts", proto: "tcp", dport: "22" },
        ...{ log: "info", comment: "workload-to-proxmox-ssh" },
      },
    ]);
    const zone = recording.named("firewall-zone-workload").inputs;
    assert.deepEqual(zone, { name: "zone-workload", cidrs: [{ name: "10.8.28.0/22" }] });
  });

  it("lets in who may reach everything", async () => {
    const rule = rulesOf(await build(), "firewall-hosts").find(
      (candidate) => candidate["comment"] === "infrastructure-to-all",
    );
    assert.deepEqual(rule, {
      type: "in",
      action: "ACCEPT",
      source: "+zone-infrastructure",
      comment: "infrastructure-to-all",
    });
  });

  it("opens Ceph to its hosts and to the nodes' management addresses, on hosts that run it", async () => {
    const recording = await build();
    const ports = { type: "in", action: "ACCEPT", proto: "tcp", dport: "3300,6789,6800:7568" };
    assert.deepEqual(recording.named("firewall-pve-ms01-01-rules").inputs, {
      nodeName: "pve-ms01-01",
      rules: [
        { ...ports, source: "10.8.48.0/24", comment: "Ceph between hosts" },
        { ...ports, source: "10.8.16.20,10.8.16.21,10.8.16.22", comment: "Ceph for the nodes" },
      ],
    });
  });

  it("switches the firewall of every host on", async () => {
    const recording = await build();
    assert.deepEqual(recording.namesOf("proxmoxve:node/firewall:Firewall"), [
      "firewall-pve-aimax-01",
      "firewall-pve-ms01-01",
      "firewall-pve-ms01-02",
    ]);
    assert.deepEqual(recording.named("firewall-pve-aimax-01").inputs, { nodeName: "pve-aimax-01", enabled: true });
  });

  it("lets a machine send by its pods' addresses, but nothing that is denied to them", async () => {
    const recording = await build();
    assert.deepEqual(recording.named("firewall-talos-k8s-01").inputs, {
      ...{ nodeName: "pve-ms01-01", vmId: 8001, enabled: true, inputPolicy: "ACCEPT", outputPolicy: "ACCEPT" },
      ...{ macfilter: true, ipfilter: false, dhcp: false },
    });
    assert.deepEqual(
      rulesOf(recording, "firewall-talos-k8s-01-rules").map((rule) => [
        rule["type"],
        rule["action"],
        rule["dest"],
        rule["comment"],
      ]),
      [
        ["out", "DROP", "10.8.16.12,10.8.16.10,10.8.16.11", "workload-to-proxmox-web"],
        ["out", "DROP", "10.8.16.12,10.8.16.10,10.8.16.11", "workload-to-proxmox-ssh"],
        ["out", "DROP", "10.8.16.92,10.8.16.190,10.8.16.191", "workload-to-out-of-band"],
      ],
    );
    assert.deepEqual(recording.named("firewall-talos-k8s-01").dependsOn, ["firewall-talos-k8s-01-rules"]);
  });
});
