// MAC addresses of virtual NICs: derived from names, so that they never change with the order of anything.
import { createHash } from "node:crypto";

/** Locally administered unicast address (IEEE 802: second bit of the first octet set, first clear), e.g. `02:5b:…`. */
export function deriveMac(...names: readonly string[]): string {
  const digest = createHash("sha256").update(names.join("/")).digest("hex");
  return ["02", ...[0, 2, 4, 6, 8].map((at) => digest.slice(at, at + 2))].join(":");
}
