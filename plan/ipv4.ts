// IPv4 text to numbers and back. Strict: what other parsers silently accept (leading zeros, host bits, octets over 255) is refused
// with the reason, since a wrong address that parses is the most expensive kind.

/** An address as an unsigned 32-bit number. */
export type Address = number;

/** A prefix: its first address (host bits zero) and its length in bits. */
export interface Prefix {
  readonly network: Address;
  readonly length: number;
}

/** Addresses from..to, both included. */
export interface Range {
  readonly from: Address;
  readonly to: Address;
}

/** Either the parsed value or why it is none. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

const fail = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });

/** Parses dotted decimal (RFC 6943 §3.1.1: the strict form; leading zeros are octal to some and decimal to others). */
export function parseAddress(text: string): Parsed<Address> {
  const parts = text.split(".");
  if (parts.length !== 4)
    return fail(`"${text}" is not an IPv4 address; write four numbers with dots between, e.g. 10.8.16.10`);
  let value = 0;
  for (const part of parts) {
    if (!/^\d+$/.test(part)) return fail(`"${text}" is not an IPv4 address: "${part}" is not a number; correct it`);
    if (part.length > 1 && part.startsWith("0")) {
      return fail(
        `"${text}" has a leading zero in "${part}", which some programs read as octal; write ${Number(part)}`,
      );
    }
    const octet = Number(part);
    if (octet > 255)
      return fail(`"${text}" is not an IPv4 address: ${part} is more than 255${thirdOctetHint(parts, part)}`);
    value = value * 256 + octet;
  }
  return { ok: true, value };
}

/** A VLAN id copied into the third octet (10.0.300.0/24) is the usual cause. */
function thirdOctetHint(parts: readonly string[], part: string): string {
  const number = Number(part);
  if (parts[2] !== part || number > 4094) return "; correct it";
  const third = number % 10 === 0 && number / 10 <= 255 ? number / 10 : number % 256;
  return `; a VLAN id may be ${number} but an octet may not: use e.g. ${parts[0]}.${parts[1]}.${third}.${parts[3]}`;
}

/** Parses `a.b.c.d/n`; host bits must be zero. */
export function parsePrefix(text: string): Parsed<Prefix> {
  const slash = text.indexOf("/");
  if (slash < 0) return fail(`"${text}" is not a prefix; add its length, e.g. ${text}/24`);
  const address = parseAddress(text.slice(0, slash));
  if (!address.ok) return address;
  const lengthText = text.slice(slash + 1);
  const length = Number(lengthText);
  if (!/^(0|[1-9]\d?)$/.test(lengthText) || length > 32)
    return fail(`"${text}" has no valid prefix length; 0 to 32 is possible`);
  const network = networkOf(address.value, length);
  if (network !== address.value)
    return fail(`"${text}" has host bits set; did you mean ${formatPrefix({ network, length })}?`);
  return { ok: true, value: { network, length } };
}

/** `10.8.16.10`. */
export function formatAddress(address: Address): string {
  return `${(address >>> 24) & 255}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** `10.8.16.0/24`. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.network)}/${prefix.length}`;
}

/** `10.8.31.10-10.8.31.200`. */
export function formatRange(range: Range): string {
  return `${formatAddress(range.from)}-${formatAddress(range.to)}`;
}

/** First address of the prefix of that length around an address. */
export function networkOf(address: Address, length: number): Address {
  return address - (address % 2 ** (32 - length));
}

/** Number of addresses, network and broadcast included. */
export function sizeOf(prefix: Prefix): number {
  return 2 ** (32 - prefix.length);
}

/** Addresses a device may have: without network and broadcast (RFC 3021: /31 and /32 have neither). */
export function usableOf(prefix: Prefix): number {
  return prefix.length >= 31 ? sizeOf(prefix) : sizeOf(prefix) - 2;
}

/** A prefix's length as older protocols write it, e.g. `255.255.255.0`. */
export function formatMask(prefix: Prefix): string {
  return formatAddress(2 ** 32 - sizeOf(prefix));
}

/** Last address. */
export function lastOf(prefix: Prefix): Address {
  return prefix.network + sizeOf(prefix) - 1;
}

/** Both ends of a prefix as a range. */
export function rangeOf(prefix: Prefix): Range {
  return { from: prefix.network, to: lastOf(prefix) };
}

/** Whether the prefix contains the address. */
export function contains(prefix: Prefix, address: Address): boolean {
  return address >= prefix.network && address <= lastOf(prefix);
}

/** Whether two ranges share an address. */
export function overlaps(a: Range, b: Range): boolean {
  return a.from <= b.to && b.from <= a.to;
}

/** Whether the address names the network or everybody in it, and so nobody. */
export function isNetworkOrBroadcast(prefix: Prefix, address: Address): boolean {
  return prefix.length < 31 && (address === prefix.network || address === lastOf(prefix));
}

/** The smallest prefix that contains all of them. */
export function supernetOf(prefixes: readonly Prefix[]): Prefix {
  const first = Math.min(...prefixes.map((p) => p.network));
  const last = Math.max(...prefixes.map(lastOf));
  let length = Math.min(...prefixes.map((p) => p.length));
  while (length > 0 && networkOf(first, length) !== networkOf(last, length)) length -= 1;
  return { network: networkOf(first, length), length };
}
