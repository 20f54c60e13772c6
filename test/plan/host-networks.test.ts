import assert from "node:assert/strict";
import { environmentSchema } from "../../config/schema.ts";
import { Draft } from "../../plan/draft.ts";
import { addressPath, hostAddress, knownNetwork, networkName, networkPrefix } from "../../plan/host-networks.ts";
import { readVlans } from "../../plan/vlans.ts";
import { rawEnvironment } from "../support/configs.ts";

const draftOf = (rack: string): Draft => {
  const draft = new Draft(environmentSchema.parse(rawEnvironment(rack)));
  readVlans(draft);
  return draft;
};
const host = "pve-ms01-01";

describe("networks of the hosts", () => {
  it("are VLANs, where a host has the address of its interface", () => {
    const draft = draftOf("homelab-ring");
    assert.equal(networkPrefix(draft, "storage"), "10.8.48.0/24");
    assert.equal(hostAddress(draft, host, "storage"), "10.8.48.10");
    assert.deepEqual(
      [networkName("storage"), addressPath(host, "storage")],
      ["VLAN storage", "hosts.pve-ms01-01.addresses"],
    );
  });

  it("are the ring, where a host has the address of a member", () => {
    const draft = draftOf("homelab-ring");
    assert.equal(networkPrefix(draft, "usb4Ring"), "10.8.49.0/24");
    assert.equal(hostAddress(draft, host, "usb4Ring"), "10.8.49.1");
    assert.deepEqual(
      [networkName("usb4Ring"), addressPath(host, "usb4Ring")],
      ["the USB4 ring", "usb4Ring.members.pve-ms01-01"],
    );
  });

  it("are told apart from what is not described, which is reported once", () => {
    const draft = draftOf("homelab");
    const known = ["storage", "strage", "usb4Ring"].map((network) =>
      knownNetwork(draft, network, "ceph.clusterNetwork"),
    );
    assert.deepEqual(known, [true, false, false]);
    assert.deepEqual(
      draft.problems.map(({ code }) => code),
      ["vlan-unknown", "network-without-ring"],
    );
    assert.deepEqual([networkPrefix(draft, "usb4Ring"), hostAddress(draft, host, "usb4Ring")], [undefined, undefined]);
  });
});
