import assert from "node:assert/strict";
import * as proxmox from "@muhlba91/pulumi-proxmoxve";
import * as command from "@pulumi/command";
import { ProxmoxHost, type ProxmoxHostArgs } from "../../components/proxmox-host.ts";
import type { BondPlan, BridgePlan } from "../../plan/plan.ts";
import { hostPlan } from "../support/host-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";
import { ssh } from "../support/ssh.ts";

const bond = (name: string, members: readonly string[]): BondPlan => ({
  ...{ host: "pve-a", name, members, mode: "802.3ad", xmitHashPolicy: "layer3+4", lacpRate: "slow", mtu: 9000 },
  vlanInterfaces: [{ name: `${name}.48`, parent: name, vlanId: 48, mtu: 9000, address: "198.51.100.10/24" }],
});
const bridge: BridgePlan = {
  ...{ host: "pve-a", name: "vmbr0", ports: ["eno1"], vlanIds: [16, 28], mtu: 1500, carriesManagement: true },
  vlanInterfaces: [{ name: "vmbr0.16", parent: "vmbr0", vlanId: 16, mtu: 1500, address: "192.0.2.10/24" }],
};
const second: BridgePlan = {
  ...{ host: "pve-a", name: "vmbr1", ports: ["bond1"], vlanIds: [30, 31], mtu: 1500, carriesManagement: false },
  vlanInterfaces: [{ name: "vmbr1.30", parent: "vmbr1", vlanId: 30, mtu: 1500, address: "203.0.113.10/24" }],
};

function build(change: Partial<ProxmoxHostArgs> = {}): Promise<Recording> {
  const plan = hostPlan({ bonds: [bond("bond0", ["a", "b"]), bond("bond1", ["c", "d"])], bridges: [bridge, second] });
  const peers = [plan, hostPlan({ name: "pve-b", fqdn: "pve-b.example.test", managementAddress: "192.0.2.11" })];
  const dns = { zone: "example.test", servers: ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"] };
  const rest = { timeZone: "Europe/Berlin", ntpServers: ["192.0.2.1"], isWatched: true, ssh };
  return recordResources(() => {
    const providers = {
      proxmoxve: new proxmox.Provider("proxmox", { endpoint: "https://192.0.2.10:8006/" }),
      command: new command.Provider("ssh"),
    };
    new ProxmoxHost("pve-a", { plan, peers, dns, ...rest, ...change }, { providers });
  });
}

describe("ProxmoxHost", () => {
  it("makes bonds, then bridges, one after the other, and leaves the management bridge alone", async () => {
    const recording = await build();
    assert.deepEqual(recording.namesOf("proxmoxve:network/linux/bond:Bond"), ["pve-a-bond0-bond", "pve-a-bond1-bond"]);
    assert.deepEqual(recording.namesOf("proxmoxve:network/linux/bridge:Bridge"), ["pve-a-vmbr1"]);
    const network = recording.resources
      .filter((resource) => resource.type.includes("network/linux"))
      .map((resource) => resource.name);
    assert.deepEqual(network, [
      "pve-a-bond0-bond",
      "pve-a-bond0-vlan48",
      "pve-a-bond1-bond",
      "pve-a-bond1-vlan48",
      "pve-a-vmbr1",
      "pve-a-vmbr1-vlan30",
    ]);
    assert.deepEqual(recording.named("pve-a-bond1").dependsOn, ["pve-a-bond0-bond", "pve-a-bond0-vlan48"]);
    assert.deepEqual(recording.named("pve-a-vmbr1-vlan30").dependsOn, ["pve-a-vmbr1"]);
  });

  it("makes a further bridge as planned", async () => {
    assert.deepEqual((await build()).named("pve-a-vmbr1").inputs, {
      ...{
        nodeName: "pve-a",
        name: "vmbr1",
        ports: ["bond1"],
        vlanAware: true,
        vids: "30 31",
        mtu: 1500,
        autostart: true,
      },
    });
  });

  it("touches nothing else before the network is through", async () => {
    const recording = await build();
    for (const role of ["dns", "time", "ntp", "hosts", "package-sources", "no-subscription"]) {
      assert.deepEqual(recording.named(`pve-a-${role}`).dependsOn, ["pve-a-vmbr1-vlan30"], role);
    }
  });

  it("sets names and time zone, and opens the free packages", async () => {
    const recording = await build();
    assert.deepEqual(recording.named("pve-a-dns").inputs, {
      nodeName: "pve-a",
      domain: "example.test",
      servers: ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
    });
    assert.deepEqual(recording.named("pve-a-time").inputs, { nodeName: "pve-a", timeZone: "Europe/Berlin" });
    assert.deepEqual(recording.named("pve-a-no-subscription").inputs, { node: "pve-a", handle: "no-subscription" });
  });

  it("asks for packages where everybody may, before it installs any", async () => {
    const recording = await build();
    assert.deepEqual(recording.namesOf("proxmoxve:apt/standard/repository:Repository"), ["pve-a-no-subscription"]);
    assert.deepEqual([...recording.named("pve-a-metrics").dependsOn].sort(), [
      "pve-a-no-subscription",
      "pve-a-package-sources",
    ]);
    assert.match(String(recording.named("pve-a-package-sources").inputs["create"]), /Enabled: no/);
  });

  it("asks the planned servers for the time", async () => {
    assert.match(String((await build()).named("pve-a-ntp").inputs["create"]), /server 192\.0\.2\.1 iburst/);
  });

  it("answers Prometheus on the management address only, and nobody where there is no Prometheus", async () => {
    const script = String((await build()).named("pve-a-metrics").inputs["create"]);
    assert.match(script, /--web\.listen-address=192\.0\.2\.10:9100/);
    const names = (await build({ isWatched: false })).resources.map(({ name }) => name);
    assert.ok(!names.includes("pve-a-metrics"));
  });

  it("lets the host find itself and its peers without a name server", async () => {
    const { entry } = (await build()).named("pve-a-hosts").inputs as {
      entry: { address: string; hostnames: string[] }[];
    };
    assert.deepEqual(entry.slice(0, 3), [
      { address: "127.0.0.1", hostnames: ["localhost.localdomain", "localhost"] },
      { address: "192.0.2.10", hostnames: ["pve-a.example.test", "pve-a"] },
      { address: "192.0.2.11", hostnames: ["pve-b.example.test", "pve-b"] },
    ]);
  });

  it("uses the providers it was given, all the way down", async () => {
    const recording = await build();
    const used = recording.resources.filter((resource) => resource.type.startsWith("proxmoxve:"));
    assert.deepEqual([...new Set(used.map((resource) => resource.provider))], ["proxmox"]);
    assert.deepEqual(
      [recording.named("pve-a-bond0-bond").parent, recording.named("pve-a-bond0").parent],
      ["pve-a-bond0", "pve-a"],
    );
  });
});
