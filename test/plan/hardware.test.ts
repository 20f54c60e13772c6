import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("hardware", () => {
  it("has the given MACs in lower case, and derived ones where none is given", () => {
    const macs = (rack: string, changes = {}) =>
      planOf(rack, changes).hardware.hosts[0]?.nics.map((nic) => nic.mac) ?? [];
    assert.equal(macs("ms01", { "hosts.ms01-01.nics.enp2s0f0np0.mac": "58:47:CA:00:01:AB" })[0], "58:47:ca:00:01:ab");
    for (const mac of macs("homelab")) assert.match(mac, /^02:/);
  });

  it("counts memory in MiB", () => assert.equal(planOf().hardware.hosts[0]?.memoryMiB, 131_072));

  it("has the cables of a USB4 ring", () => {
    assert.deepEqual(planOf("ms01").hardware.usb4Cables[0], [
      { host: "ms01-01", port: "a" },
      { host: "ms01-02", port: "b" },
    ]);
  });
});
