import assert from "node:assert/strict";
import fc from "fast-check";
import { formatPrefix, lastOf, parseAddress } from "../../plan/ipv4.ts";
import { memberPrefixes, prefixesOf } from "../../plan/prefix-cover.ts";

describe("memberPrefixes", () => {
  const cases: [string, string[]][] = [
    ["192.0.2.7", ["192.0.2.7/32"]],
    ["192.0.2.0/24", ["192.0.2.0/24"]],
    ["192.0.2.0-192.0.2.255", ["192.0.2.0/24"]],
    ["192.0.2.1-192.0.2.6", ["192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/31", "192.0.2.6/32"]],
    ["0.0.0.0-255.255.255.255", ["0.0.0.0/0"]],
  ];
  for (const [member, prefixes] of cases) {
    it(`of ${member} are ${prefixes.join(", ")}`, () => assert.deepEqual(memberPrefixes(member), prefixes));
  }

  it("refuse what is no address, with the reason", () => {
    assert.throws(() => memberPrefixes("192.0.2.300"), { message: parseReason("192.0.2.300") });
  });
});

describe("prefixesOf", () => {
  it("covers a range exactly, without gap or overlap", () => {
    const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(address, address, (a, b) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) };
        const prefixes = prefixesOf(range);
        assert.equal(prefixes[0]?.network, range.from);
        prefixes.forEach((prefix, i) => {
          const next = prefixes[i + 1]?.network ?? range.to + 1;
          assert.equal(lastOf(prefix) + 1, next, formatPrefix(prefix));
        });
      }),
    );
  });
});

function parseReason(text: string): string {
  const parsed = parseAddress(text);
  return parsed.ok ? "" : parsed.reason;
}
