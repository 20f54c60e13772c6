import assert from "node:assert/strict";
import type { SwitchPlan } from "../../../plan/plan.ts";
import { renderRouterosScript } from "../../../plan/render/routeros-script.ts";
import { type Changes, planOf } from "../../support/configs.ts";

const script = (changes: Changes = {}): string[] => {
  const plan = planOf("homelab", changes);
  const device = plan.switches.find((one) => one.os === "routeros");
  return renderRouterosScript(plan, device as SwitchPlan).split("\n");
};
const commands = (lines: readonly string[]): string[] => [
  ...new Set(lines.filter((line) => line.startsWith("/")).map((line) => line.split(" ").slice(0, 2).join(" "))),
];

describe("RouterOS script", () => {
  it("turns VLAN filtering on last: earlier it would cut off whoever sends the script", () => {
    assert.deepEqual(commands(script()), [
      "/interface/ethernet set",
      "/interface/bonding add",
      "/interface/bridge add",
      "/interface/bridge/port add",
      "/interface/bridge/vlan add",
      "/ip/address add",
      "/ip/route add",
      "/interface/bridge set",
    ]);
    assert.equal(script().at(-1), "/interface/bridge set bridge vlan-filtering=yes");
    assert.ok(script().includes("/interface/bridge add name=bridge vlan-filtering=no mtu=9000"));
  });

  it("puts bonds into the bridge, never their members", () => {
    const ports = script().flatMap((line) => /bridge\/port add .*interface=(\S+)/.exec(line)?.[1] ?? []);
    assert.deepEqual(ports, ["bond-ms01-01", "bond-ms01-02", "bond-aimax-01", "sfp-sfpplus7"]);
  });

  it("keeps storage off the uplink", () => {
    assert.ok(
      script().includes(
        "/interface/bridge/vlan add bridge=bridge vlan-ids=48 tagged=bond-ms01-01,bond-ms01-02,bond-aimax-01",
      ),
    );
  });

  it("hashes and times as the hosts' bonds do", () => {
    const [bond] = script({
      "hosts.pve-ms01-01.bonds.bond0.lacpRate": "slow",
      "hosts.pve-ms01-01.bonds.bond0.xmitHashPolicy": "layer2+3",
    }).filter((line) => line.startsWith("/interface/bonding"));
    assert.equal(
      bond,
      "/interface/bonding add name=bond-ms01-01 mode=802.3ad slaves=sfp-sfpplus1,sfp-sfpplus2 lacp-rate=30secs transmit-hash-policy=layer-2-and-3 mtu=9000",
    );
  });

  it("reaches the switch by a VLAN interface where its own network is not VLAN 1", () => {
    const lines = script({ "vlans.infrastructure.id": 5 });
    assert.ok(
      lines.includes("/interface/bridge/vlan add bridge=bridge vlan-ids=5 tagged=bridge untagged=sfp-sfpplus7"),
    );
    assert.ok(lines.includes("/interface/vlan add interface=bridge name=infrastructure vlan-id=5"));
    assert.ok(lines.includes("/ip/address add address=10.0.1.82/24 interface=infrastructure"));
  });

  it("leaves the switch's address alone when the description has none", () => {
    const lines = script({ "switches.mikrotik-crs309-k8s-storage.address": null });
    assert.deepEqual(
      lines.filter((line) => line.startsWith("/ip/")),
      [],
    );
    assert.ok(lines.some((line) => line.includes("keep the one the switch has")));
  });
});
