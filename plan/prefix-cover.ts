// Ranges as prefixes, for those who understand prefixes only (network policies, routers).
import { type Address, formatPrefix, type Prefix, parseAddress, parsePrefix, type Range } from "./ipv4.ts";

/** The fewest prefixes that together are exactly the range, ascending. */
export function prefixesOf(range: Range): readonly Prefix[] {
  const prefixes: Prefix[] = [];
  for (let network: Address = range.from; network <= range.to; ) {
    let length = 32;
    // Twice as large as long as it starts there and does not reach beyond the end.
    while (length > 0 && network % 2 ** (33 - length) === 0 && network + 2 ** (33 - length) - 1 <= range.to)
      length -= 1;
    prefixes.push({ network, length });
    network += 2 ** (32 - length);
  }
  return prefixes;
}

/** A member of a firewall zone (prefix, range `a-b` or address; valid in every plan) as prefixes. */
export function memberPrefixes(member: string): readonly string[] {
  if (member.includes("/")) return [formatPrefix(value(parsePrefix(member)))];
  const [from = "", to = from] = member.split("-");
  return prefixesOf({ from: value(parseAddress(from)), to: value(parseAddress(to)) }).map(formatPrefix);
}

function value<T>(
  parsed: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string },
): T {
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}
