import assert from "node:assert/strict";
import { hosts } from "../../lab/rack/hosts.ts";
import { checkLinks, type Link, type Links, linksOf, putLinks } from "../../lab/rack/links.ts";
import { OPERATOR, reach } from "../../lab/rack/reach.ts";
import { extraAddresses, ownerOf } from "../../lab/rack/stations.ts";
import { cables, routers, setCable, switches } from "../../lab/rack/switches.ts";
import { type FurnishedRack, furnishedRack } from "./furnished-rack.ts";

const HOST = "pve-ms01-01";
const SWITCH = "usw-enterprise-8-poe-server";

describe("reachability in the rack", () => {
  let world: FurnishedRack;
  beforeEach(() => {
    world = furnishedRack();
  });
  afterEach(() => world.close());

  const why = (from: string, to: string): string => {
    const answer = reach(world.rack, { from, to });
    return answer.ok ? "reached" : answer.reason;
  };

  it("is lost with the cable, and comes back with it", () => {
    assert.equal(why(OPERATOR, "10.8.16.10"), "reached");
    setCable(world.rack, `${HOST}/enp87s0`, false);
    assert.match(why(OPERATOR, "10.8.16.10"), /enp87s0 on pve-ms01-01 has no link/);
    assert.equal(why(OPERATOR, "10.8.16.11"), "reached", "the other hosts have cables of their own");
    setCable(world.rack, `${HOST}/enp87s0`, true);
    assert.equal(why(OPERATOR, "10.8.16.10"), "reached");
  });

  it("names the cables there are when one is not found", () => {
    assert.throws(
      () => setCable(world.rack, "nowhere", false),
      /has no cable at "nowhere"; cables: .*pve-ms01-01\/enp87s0--/,
    );
  });

  it("is lost for a VLAN that a port on the way does not carry", () => {
    switches(world.rack).edit(SWITCH, (body) => {
      for (const port of Object.values(body.ports)) port.taggedVlanIds.splice(0, 9, 1, 28);
    });
    assert.match(why(OPERATOR, "10.8.16.10"), /no switch carries this VLAN from one to the other/);
  });

  it("stays between hosts on one switch when its uplink fails", () => {
    const uplink = cables(world.rack)
      .list()
      .find(({ body }) => body.ends.some((end) => end.at === "router") && JSON.stringify(body.ends).includes(SWITCH));
    assert.ok(uplink);
    setCable(world.rack, uplink.id, false);
    assert.equal(why(HOST, "10.8.16.11"), "reached");
    assert.match(why(OPERATOR, "10.8.16.10"), /gets no ARP reply/);
  });

  it("ends with a host, a switch or the router that is off", () => {
    hosts(world.rack).edit(HOST, (host) => {
      host.powered = false;
    });
    assert.equal(why(OPERATOR, "10.8.16.10"), "nobody answers at 10.8.16.10");
    routers(world.rack).edit("router", (router) => {
      router.powered = false;
    });
    assert.equal(why(OPERATOR, "10.8.16.11"), "the router is off");
    assert.equal(why("pve-ms01-02", "10.8.16.12"), "reached", "on one VLAN nobody needs the router");
    assert.equal(why("pve-ms01-02", "10.8.28.1"), "pve-ms01-02's gateway 10.8.16.1 does not answer");
  });

  it("follows an address that somebody else answers for", () => {
    extraAddresses(world.rack).put("10.8.16.19", { address: "10.8.16.19", at: "10.8.16.10", purpose: "shared" });
    assert.equal(why(OPERATOR, "10.8.16.19"), "reached");
    assert.equal(ownerOf(world.rack, "10.8.16.19", "talos")?.owner, "shared");
    setCable(world.rack, `${HOST}/enp87s0`, false);
    assert.notEqual(why(OPERATOR, "10.8.16.19"), "reached");
  });

  it("tells large packets from small ones", () => {
    const links = linksOf(world.rack, HOST);
    const vlan = links["vmbr0.16"];
    assert.ok(vlan);
    putLinks(world.rack, HOST, { ...links, "vmbr0.16": { ...vlan, mtu: 1400 } });
    assert.deepEqual(reach(world.rack, { from: OPERATOR, to: "10.8.16.10" }), { ok: true, mtu: 1400 });
    assert.deepEqual(reach(world.rack, { from: OPERATOR, to: "10.8.16.10", size: 1500 }), {
      ok: false,
      reason: "packets of 1500 bytes do not get from operator to 10.8.16.10: the path's MTU is 1400",
    });
  });
});

describe("interfaces that do not come up", () => {
  const nic = (name: string): Link => ({ name, kind: "nic", addresses: [], autostart: false });
  const base: Links = { eno1: nic("eno1"), eno2: nic("eno2") };
  const bond = (name: string, members: string[], more: Partial<Link> = {}): Link => ({
    ...nic(name),
    kind: "bond",
    members,
    ...more,
  });
  const cases: [string, Links, RegExp[]][] = [
    ["none", { ...base, bond0: bond("bond0", ["eno1", "eno2"]) }, []],
    [
      "a slave twice",
      { ...base, bond0: bond("bond0", ["eno1"]), bond1: bond("bond1", ["eno1"]) },
      [/slave 'eno1' is already used on interface 'bond0'/],
    ],
    [
      "an address on a slave",
      { ...base, eno1: { ...nic("eno1"), addresses: ["192.0.2.1/24"] }, bond0: bond("bond0", ["eno1"]) },
      [/'eno1' of 'bond0' has an address of its own/],
    ],
    [
      "one address twice",
      { eno1: { ...nic("eno1"), addresses: ["192.0.2.1/24"] }, eno2: { ...nic("eno2"), addresses: ["192.0.2.1/24"] } },
      [/address 192.0.2.1 is on interface 'eno1' and on 'eno2'/],
    ],
    [
      "a gateway outside",
      { eno1: { ...nic("eno1"), addresses: ["192.0.2.1/24"], gateway: "198.51.100.1" } },
      [/gateway 198.51.100.1 is not reachable from 192.0.2.1\/24/],
    ],
    [
      "a VLAN twice",
      {
        ...base,
        a: { ...nic("a"), kind: "vlan", parent: "eno1", vlanId: 5 },
        b: { ...nic("b"), kind: "vlan", parent: "eno1", vlanId: 5 },
      },
      [/'a' - vlan 5 on 'eno1' is already 'b'/, /'b' - vlan 5 on 'eno1' is already 'a'/],
    ],
  ];
  for (const [what, links, messages] of cases) {
    it(what, () => {
      const problems = checkLinks(links);
      assert.equal(problems.length, messages.length, problems.join("\n"));
      for (const [index, message] of messages.entries()) assert.match(problems[index] ?? "", message);
    });
  }
});
