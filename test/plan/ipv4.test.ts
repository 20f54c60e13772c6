import assert from "node:assert/strict";
import fc from "fast-check";
import {
  contains,
  formatAddress,
  formatPrefix,
  formatRange,
  isNetworkOrBroadcast,
  lastOf,
  networkOf,
  overlaps,
  parseAddress,
  parsePrefix,
  rangeOf,
  sizeOf,
  supernetOf,
  usableOf,
} from "../../plan/ipv4.ts";

const prefix = (text: string) => {
  const parsed = parsePrefix(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
};
const anyAddress = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyPrefix = fc
  .tuple(anyAddress, fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => ({ network: networkOf(address, length), length }));

describe("parseAddress", () => {
  for (const [text, value] of [
    ["0.0.0.0", 0],
    ["10.8.16.1", 0x0a081001],
    ["255.255.255.255", 0xffffffff],
  ] as const) {
    it(`reads ${text}`, () => assert.deepEqual(parseAddress(text), { ok: true, value }));
  }

  const example = "; write four numbers with dots between, e.g. 10.8.16.10";
  for (const [text, reason] of [
    ["", `"" is not an IPv4 address${example}`],
    ["10.8.16", `"10.8.16" is not an IPv4 address${example}`],
    ["10.8.16.1.1", `"10.8.16.1.1" is not an IPv4 address${example}`],
    ["::1", `"::1" is not an IPv4 address${example}`],
    ["10.8.16.1/24", '"10.8.16.1/24" is not an IPv4 address: "1/24" is not a number; correct it'],
    ["10.8..1", '"10.8..1" is not an IPv4 address: "" is not a number; correct it'],
    ["10.8.-1.1", '"10.8.-1.1" is not an IPv4 address: "-1" is not a number; correct it'],
    ["10.8.16.1 ", '"10.8.16.1 " is not an IPv4 address: "1 " is not a number; correct it'],
    ["10.8.0x10.1", '"10.8.0x10.1" is not an IPv4 address: "0x10" is not a number; correct it'],
    ["10.8.016.1", '"10.8.016.1" has a leading zero in "016", which some programs read as octal; write 16'],
    ["10.8.16.256", '"10.8.16.256" is not an IPv4 address: 256 is more than 255; correct it'],
    [
      "10.0.300.5",
      '"10.0.300.5" is not an IPv4 address: 300 is more than 255; a VLAN id may be 300 but an octet may not: use e.g. 10.0.30.5',
    ],
    [
      "10.0.400.5",
      '"10.0.400.5" is not an IPv4 address: 400 is more than 255; a VLAN id may be 400 but an octet may not: use e.g. 10.0.40.5',
    ],
    [
      "10.0.1001.5",
      '"10.0.1001.5" is not an IPv4 address: 1001 is more than 255; a VLAN id may be 1001 but an octet may not: use e.g. 10.0.233.5',
    ],
    ["10.0.5000.5", '"10.0.5000.5" is not an IPv4 address: 5000 is more than 255; correct it'],
  ] as const) {
    it(`refuses "${text}"`, () => assert.deepEqual(parseAddress(text), { ok: false, reason }));
  }

  it("reads back whatever it writes", () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        assert.deepEqual(parseAddress(formatAddress(address)), { ok: true, value: address });
      }),
    );
  });

  it("never throws, whatever the text", () => {
    fc.assert(fc.property(fc.string(), (text) => typeof parseAddress(text).ok === "boolean"));
  });
});

describe("parsePrefix", () => {
  for (const [text, network, length] of [
    ["0.0.0.0/0", 0, 0],
    ["10.8.28.0/22", 0x0a081c00, 22],
    ["192.0.2.7/32", 0xc0000207, 32],
  ] as const) {
    it(`reads ${text}`, () => assert.deepEqual(parsePrefix(text), { ok: true, value: { network, length } }));
  }

  for (const [text, reason] of [
    ["10.8.16.0", '"10.8.16.0" is not a prefix; add its length, e.g. 10.8.16.0/24'],
    ["10.8.16.0/", '"10.8.16.0/" has no valid prefix length; 0 to 32 is possible'],
    ["10.8.16.0/33", '"10.8.16.0/33" has no valid prefix length; 0 to 32 is possible'],
    ["10.8.16.0/024", '"10.8.16.0/024" has no valid prefix length; 0 to 32 is possible'],
    ["10.8.16.0/255.255.255.0", '"10.8.16.0/255.255.255.0" has no valid prefix length; 0 to 32 is possible'],
    ["10.8.30.5/22", '"10.8.30.5/22" has host bits set; did you mean 10.8.28.0/22?'],
    [
      "10.0.300.0/24",
      '"10.0.300.0" is not an IPv4 address: 300 is more than 255; a VLAN id may be 300 but an octet may not: use e.g. 10.0.30.0',
    ],
  ] as const) {
    it(`refuses "${text}"`, () => assert.deepEqual(parsePrefix(text), { ok: false, reason }));
  }

  it("reads back whatever it writes", () => {
    fc.assert(
      fc.property(anyPrefix, (value) => {
        assert.deepEqual(parsePrefix(formatPrefix(value)), { ok: true, value });
      }),
    );
  });
});

describe("prefixes", () => {
  it("count what is usable: a /22 has 1022 addresses, not 1024", () => {
    for (const [text, size, usable] of [
      ["10.8.28.0/22", 1024, 1022],
      ["10.8.28.0/24", 256, 254],
      ["10.8.28.128/25", 128, 126],
      ["10.8.28.0/30", 4, 2],
      ["10.8.28.0/31", 2, 2],
      ["10.8.28.0/32", 1, 1],
      ["0.0.0.0/0", 2 ** 32, 2 ** 32 - 2],
    ] as const) {
      assert.deepEqual([sizeOf(prefix(text)), usableOf(prefix(text))], [size, usable], text);
    }
  });

  it("know their ends", () => {
    const net = prefix("10.8.28.0/22");
    assert.equal(formatAddress(lastOf(net)), "10.8.31.255");
    assert.equal(formatRange(rangeOf(net)), "10.8.28.0-10.8.31.255");
    assert.deepEqual(
      [net.network, lastOf(net)].map((address) => isNetworkOrBroadcast(net, address)),
      [true, true],
    );
    assert.equal(isNetworkOrBroadcast(net, prefix("10.8.28.255/32").network), false);
  });

  it("have neither network nor broadcast address when they join two routers (RFC 3021)", () => {
    const link = prefix("192.0.2.0/31");
    assert.deepEqual(
      [link.network, lastOf(link)].map((address) => isNetworkOrBroadcast(link, address)),
      [false, false],
    );
  });

  it("contain exactly the addresses from first to last", () => {
    fc.assert(
      fc.property(anyPrefix, anyAddress, (net, address) => {
        assert.equal(contains(net, address), networkOf(address, net.length) === net.network);
      }),
    );
  });

  it("overlap exactly when one contains the other's first address", () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        const expected = contains(a, b.network) || contains(b, a.network);
        assert.equal(overlaps(rangeOf(a), rangeOf(b)), expected);
        assert.equal(overlaps(rangeOf(b), rangeOf(a)), expected);
      }),
    );
  });

  it("have a smallest prefix around them all", () => {
    assert.equal(formatPrefix(supernetOf([prefix("10.8.28.128/25"), prefix("10.8.30.128/25")])), "10.8.28.0/22");
    fc.assert(
      fc.property(fc.array(anyPrefix, { minLength: 1, maxLength: 5 }), (prefixes) => {
        const all = supernetOf(prefixes);
        for (const one of prefixes) assert.ok(contains(all, one.network) && contains(all, lastOf(one)));
        if (all.length === 32) return;
        const half = { network: networkOf(prefixes[0]?.network ?? 0, all.length + 1), length: all.length + 1 };
        assert.ok(
          prefixes.some((one) => one.length < half.length || !contains(half, one.network)),
          "half of it must not be enough",
        );
      }),
    );
  });
});
