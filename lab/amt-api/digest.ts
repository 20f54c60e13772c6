// HTTP Digest (RFC 7616 with MD5 and qop=auth), as AMT asks for it.
import { createHash, randomBytes } from "node:crypto";

/** A challenge that was given out. */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
}

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** A challenge as AMT words it. */
export function newChallenge(): Challenge {
  return {
    realm: `Digest:${randomBytes(16).toString("hex").toUpperCase()}`,
    nonce: randomBytes(16).toString("base64url"),
  };
}

/** `WWW-Authenticate`. */
export function challengeHeader({ realm, nonce }: Challenge): string {
  return `Digest realm="${realm}", nonce="${nonce}",stale="false",qop="auth"`;
}

/** Values of `Digest name="value", name=value`. */
export function digestValues(header: string): Readonly<Record<string, string>> {
  const pairs = header.replace(/^Digest\s+/i, "").matchAll(/([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))/gi);
  return Object.fromEntries([...pairs].map(([, name = "", quoted, bare = ""]) => [name.toLowerCase(), quoted ?? bare]));
}

/** What a client answers. */
export function digestResponse(given: Readonly<Record<string, string>>, password: string, method: string): string {
  const { username, realm, nonce, uri, nc, cnonce, qop } = given;
  const secret = md5(`${username}:${realm}:${password}`);
  return md5(`${secret}:${nonce}:${nc}:${cnonce}:${qop}:${md5(`${method}:${uri}`)}`);
}

/** Whether `Authorization` answers a challenge that was given out, as `admin` with this password. */
export function isAdmin(header: string | undefined, known: ReadonlyMap<string, Challenge>, password: string): boolean {
  if (header === undefined || !/^Digest\s/i.test(header)) return false;
  const given = digestValues(header);
  const challenge = known.get(given["nonce"] ?? "");
  if (challenge === undefined || given["realm"] !== challenge.realm) return false;
  return (
    given["username"] === "admin" &&
    given["uri"] === "/wsman" &&
    given["qop"] === "auth" &&
    given["response"] === digestResponse(given, password, "POST")
  );
}
