// Property values as the engine sends them, and as the rest of the lab sees them. The engine marks secrets, values that are not known
// yet, assets and resource references by signature keys inside ordinary structures; here they are classes of their own.
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

// One per type that the value will have; the engine takes any of them where a value is unknown.
const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWNS = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  UNKNOWN_STRING,
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** A value that is only known when something else has been created. */
export class Unknown {
  toString(): string {
    return "(known after apply)";
  }
}

/** The one unknown value: compare with `===`. */
export const UNKNOWN = new Unknown();

/** A value that must not be shown. */
export class Secret {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}

/** A file or text (`text`, `path` or `uri` is set), or an archive of them. */
export class Asset {
  readonly kind: "asset" | "archive";
  readonly hash: string | undefined;
  readonly text: string | undefined;
  readonly path: string | undefined;
  readonly uri: string | undefined;
  constructor(kind: "asset" | "archive", fields: Record<string, unknown>) {
    const field = (key: string) => (typeof fields[key] === "string" ? fields[key] : undefined);
    this.kind = kind;
    this.hash = field("hash");
    this.text = field("text");
    this.path = field("path");
    this.uri = field("uri");
  }
}

/** Any value that goes between engine and plug-in; `undefined` is none. */
export type Value = null | boolean | number | string | Unknown | Secret | Asset | Value[] | { [key: string]: Value };

/** The properties of a resource, with secrets and unknowns marked. */
export type Properties = { [key: string]: Value };

/** Whether this is an object of properties: not a list, nor one of the marks. */
export function isProperties(value: Value | undefined): value is Properties {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret || value instanceof Unknown || value instanceof Asset)
  );
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function decodeValue(json: Json): Value {
  if (typeof json === "string" && UNKNOWNS.has(json)) return UNKNOWN;
  if (Array.isArray(json)) return json.map(decodeValue);
  if (typeof json !== "object" || json === null) return json;
  switch (json[SIGNATURE]) {
    case undefined:
      return decodeObject(json);
    case SECRET:
      return new Secret(decodeValue(json["value"] ?? null));
    case OUTPUT: {
      // A missing value means: not known yet.
      const value = "value" in json ? decodeValue(json["value"] ?? null) : UNKNOWN;
      return json["secret"] === true ? new Secret(value) : value;
    }
    case ASSET:
      return new Asset("asset", json);
    case ARCHIVE:
      return new Asset("archive", json);
    case RESOURCE:
      return json["id"] === "" ? UNKNOWN : decodeValue(json["id"] ?? json["urn"] ?? null);
    default:
      throw new Error(`unknown signature ${String(json[SIGNATURE])} in a property value`);
  }
}

function decodeObject(json: { [key: string]: Json }): Properties {
  const properties: Properties = {};
  // A null property is the same as an absent one, everywhere in Pulumi.
  for (const [key, value] of Object.entries(json)) if (value !== null) properties[key] = decodeValue(value);
  return properties;
}

function encodeValue(value: Value): Json {
  if (value instanceof Unknown) return UNKNOWN_STRING;
  if (value instanceof Secret) return { [SIGNATURE]: SECRET, value: encodeValue(value.value) };
  if (value instanceof Asset) {
    const json: { [key: string]: Json } = { [SIGNATURE]: value.kind === "asset" ? ASSET : ARCHIVE };
    for (const key of ["hash", "text", "path", "uri"] as const) if (value[key] !== undefined) json[key] = value[key];
    return json;
  }
  if (Array.isArray(value)) return value.map((item) => encodeValue(item ?? null));
  if (typeof value !== "object" || value === null) return value;
  return encodeObject(value);
}

function encodeObject(properties: Properties): { [key: string]: Json } {
  const json: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(properties))
    if (value !== undefined && value !== null) json[key] = encodeValue(value);
  return json;
}

/** What the engine sent. */
export function decode(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : decodeObject(struct.toJavaScript() as { [key: string]: Json });
}

/** What the engine is sent. */
export function encode(properties: Properties): Struct {
  return structProto.Struct.fromJavaScript(encodeObject(properties));
}

/** The value without its marks of secrecy; unknowns and assets stay. What the rack is told and what is compared. */
export function reveal(value: Value): Value {
  if (value instanceof Secret) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  return isProperties(value) ? revealAll(value) : value;
}

/** `reveal` for all properties. */
export function revealAll(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, reveal(value)]));
}

function some(value: Value | undefined, is: (value: Value) => boolean): boolean {
  if (value === undefined) return false;
  if (is(value)) return true;
  if (value instanceof Secret) return some(value.value, is);
  if (Array.isArray(value)) return value.some((item) => some(item, is));
  return isProperties(value) && Object.values(value).some((item) => some(item, is));
}

/** Whether any part of the value is secret. */
export function hasSecret(value: Value | undefined): boolean {
  return some(value, (part) => part instanceof Secret);
}

/** Whether any part of the value is not known yet. */
export function hasUnknown(value: Value | undefined): boolean {
  return some(value, (part) => part instanceof Unknown);
}

/** Whether two values are the same once revealed. An unknown equals nothing, as it may turn out to be anything. */
export function same(left: Value | undefined, right: Value | undefined): boolean {
  if (left instanceof Secret) return same(left.value, right);
  if (right instanceof Secret) return same(left, right.value);
  if (left instanceof Unknown || right instanceof Unknown) return false;
  if (left instanceof Asset && right instanceof Asset) {
    return left.hash === undefined || right.hash === undefined
      ? left.text === right.text && left.path === right.path
      : left.hash === right.hash;
  }
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((item, index) => same(item, right[index]));
  if (isProperties(left) && isProperties(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].every((key) => same(left[key], right[key]));
  }
  return (left ?? null) === (right ?? null);
}
