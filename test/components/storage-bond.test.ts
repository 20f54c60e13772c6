import assert from "node:assert/strict";
import { renderLacpRate } from "../../components/host-scripts/lacp-rate.ts";
import { StorageBond } from "../../components/storage-bond.ts";
import type { BondPlan } from "../../plan/plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";
import { connectionTo, ssh } from "../support/ssh.ts";

const host = { name: "pve-a", managementAddress: "192.0.2.10" };
const vlan = (vlanId: number, address: string) => ({
  name: `bond0.${vlanId}`,
  parent: "bond0",
  vlanId,
  mtu: 9000,
  address,
});
const plan: BondPlan = {
  ...{ host: "pve-a", name: "bond0", members: ["enp1", "enp2"], mode: "802.3ad", xmitHashPolicy: "layer3+4" },
  ...{ lacpRate: "fast", mtu: 9000, vlanInterfaces: [vlan(48, "198.51.100.10/24"), vlan(49, "203.0.113.10/24")] },
};
const build = (change: Partial<BondPlan> = {}): Promise<Recording> =>
  recordResources(() => new StorageBond("storage", { plan: { ...plan, ...change }, host, ssh }));
const childrenOf = (recording: Recording): string[] => recording.resources.slice(1).map((resource) => resource.name);

describe("StorageBond", () => {
  it("makes the bond as planned", async () => {
    const bond = (await build()).named("storage-bond");
    assert.equal(bond.type, "proxmoxve:network/linux/bond:Bond");
    assert.equal(bond.parent, "storage");
    assert.deepEqual(bond.inputs, {
      nodeName: "pve-a",
      name: "bond0",
      slaves: ["enp1", "enp2"],
      bondMode: "802.3ad",
      bondXmitHashPolicy: "layer3+4",
      mtu: 9000,
      autostart: true,
    });
  });

  it("puts the address on the VLAN and not on the bond", async () => {
    const recording = await build();
    assert.deepEqual(recording.named("storage-vlan48").inputs, {
      nodeName: "pve-a",
      name: "bond0.48",
      address: "198.51.100.10/24",
      mtu: 9000,
      autostart: true,
    });
    assert.deepEqual(recording.named("storage").outputs, { interfaceNames: ["bond0.48", "bond0.49"] });
  });

  it("never reloads the host's network twice at a time", async () => {
    const recording = await build();
    assert.deepEqual(childrenOf(recording), ["storage-bond", "storage-lacp-rate", "storage-vlan48", "storage-vlan49"]);
    assert.deepEqual(recording.named("storage-lacp-rate").dependsOn, ["storage-bond"]);
    assert.deepEqual(recording.named("storage-vlan48").dependsOn, ["storage-lacp-rate"]);
    assert.deepEqual(recording.named("storage-vlan49").dependsOn, ["storage-vlan48"]);
  });

  it("sets by SSH what the API has no word for", async () => {
    assert.deepEqual((await build()).named("storage-lacp-rate").inputs, {
      connection: connectionTo("192.0.2.10", "ssh-ed25519 AAAA"),
      create: renderLacpRate(plan),
      addPreviousOutputInEnv: false,
    });
    assert.notEqual(
      renderLacpRate(plan),
      renderLacpRate({ ...plan, mtu: 1500 }),
      "must run again when the API writes the bond",
    );
  });

  it("needs no SSH for a slow LACP rate, nor for a bond without LACP", async () => {
    const names = ["storage-bond", "storage-vlan48", "storage-vlan49"];
    assert.deepEqual(childrenOf(await build({ lacpRate: "slow" })), names);
    const backup = await build({ mode: "active-backup" });
    assert.deepEqual(childrenOf(backup), names);
    assert.equal("bondXmitHashPolicy" in backup.named("storage-bond").inputs, false);
  });
});
