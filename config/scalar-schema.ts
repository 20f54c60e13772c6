// The simple values that an environment file is made of.
import { z } from "zod";

/** IPv4 address as text; plan/ parses it, so that its message can say what is wrong. */
export const address = z.string().min(1);
/** IPv4 prefix as text; plan/ parses it too. */
export const prefix = z.string().min(1);
/** Key of a map: a DNS label, since hosts, nodes and services become host names. */
export const label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be a DNS label: lower case letters, digits and hyphens");
/** Largest IP packet in bytes. */
export const mtu = z.number().int().min(576).max(65_535);
/** Speed of a link. */
export const speedMbps = z.number().int().positive();
/** Size of memory or a disk. */
export const sizeGiB = z.number().positive();
/** Port of TCP or UDP. */
export const port = z.number().int().min(1).max(65_535);
