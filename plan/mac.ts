// MAC addresses of virtual NICs: derived from names, so that they never change with the order of anything.
import { hash } from "node:crypto";

/** Locally administered unicast address (IEEE 802: second bit of the first octet set, first clear), e.g. `02:5b:…`. */
export function deriveMac(...names: readonly string[]): string {
  const [, a, b, c, d, e] = /^(..)(..)(..)(..)(..)/.exec(hash("sha256", names.join("/"))) ?? [];
  return `02:${a}:${b}:${c}:${d}:${e}`;
}
