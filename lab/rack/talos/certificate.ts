// Certificates that are real ones (X.509 v3, RFC 5280), as small as they may be: a wrong authority, an expired certificate and a key
// that does not fit are found by verification, not by comparing names.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";

/** Talos's own API has Ed25519 keys; Kubernetes and etcd have P-256. */
type KeyKind = "ed25519" | "p256";

/** A certificate and its key, both PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

interface Subject {
  readonly organization?: string;
  readonly commonName?: string;
}

const TAG = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
  boolean: 0x01,
} as const;
const OID = {
  organization: [0x55, 0x04, 0x0a],
  commonName: [0x55, 0x04, 0x03],
  basicConstraints: [0x55, 0x1d, 0x13],
  ed25519: [0x2b, 0x65, 0x70],
  ecdsaSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
} as const;

function der(tag: number, ...contents: (Buffer | readonly number[])[]): Buffer {
  const body = Buffer.concat(contents.map((content) => Buffer.from(content)));
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function nameOf(subject: Subject): Buffer {
  const part = (oid: readonly number[], text: string | undefined) =>
    text === undefined ? [] : [der(TAG.set, der(TAG.sequence, der(TAG.oid, oid), der(TAG.utf8, Buffer.from(text))))];
  return der(
    TAG.sequence,
    ...part(OID.organization, subject.organization),
    ...part(OID.commonName, subject.commonName),
  );
}

function timeOf(date: Date): Buffer {
  return der(TAG.time, Buffer.from(`${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`));
}

function pem(label: string, body: Buffer): string {
  return `-----BEGIN ${label}-----\n${(body.toString("base64").match(/.{1,64}/g) ?? []).join("\n")}\n-----END ${label}-----\n`;
}

function newKey(kind: KeyKind): { privateKey: KeyObject; publicKey: KeyObject } {
  return kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function build(
  subject: Subject,
  issuer: Subject,
  keys: { publicKey: KeyObject },
  signer: KeyObject,
  from: Date,
  to: Date,
  isAuthority: boolean,
): string {
  const isEdwards = signer.asymmetricKeyType === "ed25519";
  const algorithm = der(TAG.sequence, der(TAG.oid, isEdwards ? OID.ed25519 : OID.ecdsaSha256));
  const constraints = der(TAG.octets, der(TAG.sequence, der(TAG.boolean, [0xff])));
  const extensions = isAuthority
    ? [
        der(
          0xa3,
          der(
            TAG.sequence,
            der(TAG.sequence, der(TAG.oid, OID.basicConstraints), der(TAG.boolean, [0xff]), constraints),
          ),
        ),
      ]
    : [];
  const serial = randomBytes(16);
  // Positive, as RFC 5280 §4.1.2.2 wants it.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x01;
  const body = der(
    TAG.sequence,
    der(0xa0, der(TAG.integer, [2])),
    der(TAG.integer, serial),
    algorithm,
    nameOf(issuer),
    der(TAG.sequence, timeOf(from), timeOf(to)),
    nameOf(subject),
    keys.publicKey.export({ type: "spki", format: "der" }),
    ...extensions,
  );
  const signature = sign(isEdwards ? null : "sha256", body, signer);
  return pem("CERTIFICATE", der(TAG.sequence, body, algorithm, der(TAG.bits, [0], signature)));
}

function keyPem(key: KeyObject, kind: KeyKind): string {
  if (kind === "p256") return key.export({ type: "sec1", format: "pem" }).toString();
  return pem("ED25519 PRIVATE KEY", key.export({ type: "pkcs8", format: "der" }));
}

function readKey(text: string): KeyObject {
  const body = /-----BEGIN ED25519 PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  return body === undefined
    ? createPrivateKey(text)
    : createPrivateKey({ key: Buffer.from(body, "base64"), format: "der", type: "pkcs8" });
}

/** A self-signed authority, good for ten years from `now`. */
export function createAuthority(subject: Subject, kind: KeyKind, now: Date): Identity {
  const keys = newKey(kind);
  const to = new Date(now.getTime() + 3650 * 86_400_000);
  return { cert: build(subject, subject, keys, keys.privateKey, now, to, true), key: keyPem(keys.privateKey, kind) };
}

/** A certificate signed by an authority, good for `days` from `now`. */
export function issueCertificate(
  authority: Identity,
  subject: Subject,
  kind: KeyKind,
  now: Date,
  days: number,
): Identity {
  const keys = newKey(kind);
  const to = new Date(now.getTime() + days * 86_400_000);
  const issuer = subjectOf(authority.cert);
  return {
    cert: build(subject, issuer, keys, readKey(authority.key), now, to, false),
    key: keyPem(keys.privateKey, kind),
  };
}

/** Organization and common name of a certificate. */
function subjectOf(cert: string): Subject {
  const fields = Object.fromEntries(
    new X509Certificate(cert).subject.split("\n").map((line) => line.split("=") as [string, string]),
  );
  return {
    ...(fields["O"] === undefined ? {} : { organization: fields["O"] }),
    ...(fields["CN"] === undefined ? {} : { commonName: fields["CN"] }),
  };
}

/** Whether `cert` carries the signature of `authority` (both PEM). */
export function isIssuedBy(cert: string, authority: string): boolean {
  try {
    return new X509Certificate(cert).verify(new X509Certificate(authority).publicKey);
  } catch {
    return false;
  }
}

/** Whether a key belongs to a certificate. */
export function isKeyOf(key: string, cert: string): boolean {
  try {
    const spki = { type: "spki", format: "der" } as const;
    return createPublicKey(readKey(key)).export(spki).equals(new X509Certificate(cert).publicKey.export(spki));
  } catch {
    return false;
  }
}

/** When a certificate begins. */
export function startOf(cert: string): Date {
  return new Date(new X509Certificate(cert).validFrom);
}

/** When a certificate ends. */
export function endOf(cert: string): Date {
  return new Date(new X509Certificate(cert).validTo);
}
