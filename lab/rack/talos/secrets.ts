// What `talosctl gen secrets` makes: the authorities, tokens and keys that a cluster's trust rests on.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createAuthority, type Identity, issueCertificate } from "./certificate.ts";

/** Base64 of PEM, as Talos keeps it. */
export interface EncodedIdentity {
  readonly cert: string;
  readonly key: string;
}

/** Property names are those of the talos provider's schema. */
export interface MachineSecrets {
  readonly certs: {
    readonly etcd: EncodedIdentity;
    readonly k8s: EncodedIdentity;
    readonly k8sAggregator: EncodedIdentity;
    readonly k8sServiceaccount: { readonly key: string };
    readonly os: EncodedIdentity;
  };
  readonly cluster: { readonly id: string; readonly secret: string };
  readonly secrets: {
    readonly bootstrapToken: string;
    readonly secretboxEncryptionSecret: string;
    readonly aescbcEncryptionSecret?: string;
  };
  readonly trustdinfo: { readonly token: string };
}

/** Access to the Talos API: PEM in base64. */
export interface ClientConfiguration {
  readonly caCertificate: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** Talos issues the operator's certificate for a year. */
const CLIENT_CERTIFICATE_DAYS = 365;
const DAY_MS = 86_400_000;

/** PEM as configurations hold it. */
export function encode(pem: string): string {
  return Buffer.from(pem).toString("base64");
}

/** PEM out of a configuration. */
export function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

function encodeIdentity(identity: Identity): EncodedIdentity {
  return { cert: encode(identity.cert), key: encode(identity.key) };
}

function token(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  const part = (length: number) => [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("");
  return `${part(6)}.${part(16)}`;
}

/** Makes a bundle of new secrets. */
export function generateSecrets(now: Date): MachineSecrets {
  const serviceAccount = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  return {
    certs: {
      etcd: encodeIdentity(createAuthority({ organization: "etcd" }, "p256", now)),
      k8s: encodeIdentity(createAuthority({ organization: "kubernetes" }, "p256", now)),
      k8sAggregator: encodeIdentity(createAuthority({ commonName: "front-proxy" }, "p256", now)),
      k8sServiceaccount: { key: encode(serviceAccount.export({ type: "pkcs1", format: "pem" }).toString()) },
      os: encodeIdentity(createAuthority({ organization: "talos" }, "ed25519", now)),
    },
    cluster: { id: randomBytes(32).toString("base64url"), secret: randomBytes(32).toString("base64") },
    secrets: { bootstrapToken: token(), secretboxEncryptionSecret: randomBytes(32).toString("base64") },
    trustdinfo: { token: token() },
  };
}

/** The operator's certificate, signed by the cluster's Talos authority. */
export function issueClient(secrets: MachineSecrets, now: Date): ClientConfiguration {
  const authority = { cert: decode(secrets.certs.os.cert), key: decode(secrets.certs.os.key) };
  const client = issueCertificate(authority, { organization: "os:admin" }, "ed25519", now, CLIENT_CERTIFICATE_DAYS);
  return {
    caCertificate: secrets.certs.os.cert,
    clientCertificate: encode(client.cert),
    clientKey: encode(client.key),
  };
}

/** Whether less than a month is left, so that the provider issues it anew. */
export function wantsRenewal(end: Date, now: Date): boolean {
  return end.getTime() - now.getTime() < 30 * DAY_MS;
}
