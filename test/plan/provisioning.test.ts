import assert from "node:assert/strict";
import { problemsOf, rawEnvironment, shown, withChanges } from "../support/configs.ts";

const said = (changes: Readonly<Record<string, unknown>>): string[] => {
  const base = rawEnvironment("datacenter");
  const known = new Set(shown(problemsOf(base)));
  return shown(problemsOf(withChanges(base, changes))).filter((line) => !known.has(line));
};

describe("provisioning by PXE", () => {
  it("gives no address away that somebody has, and none outside of its network", () => {
    assert.deepEqual(said({ "hosts.server02.pxe.address": "10.0.100.50" }), [
      "error hosts.server02.pxe.address: 10.0.100.50 of server02 (PXE) is also the address of server01 (PXE) (hosts.server01.pxe.address); give one of them another  [address-owned-twice]",
    ]);
    assert.match(said({ "hosts.server02.pxe.address": "10.0.10.51" })[0] ?? "", /\[address-outside-vlan\]$/);
    assert.match(said({ "hosts.server02.pxe.address": "10.0.100.150" })[0] ?? "", /\[address-in-dhcp-range\]$/);
  });

  it("knows a machine by its card", () => {
    assert.deepEqual(said({ "hosts.server02.nics.eno1.mac": null }), [
      "error hosts.server02.nics.eno1: eno1 of server02 has no mac; the PXE server knows a machine by it, and boots no stranger  [nic-without-mac]",
    ]);
  });

  it("is answered by a device of its network", () => {
    assert.deepEqual(said({ "provisioning.server": "monitoring" }), [
      'error provisioning.server: there is no device "monitoring" (there are: pxe-server)  [device-unknown]',
    ]);
  });
});
