// The documents that encrypt a node's system disk. Talos encrypts what is empty: at the installation, and never afterwards.
import type { EncryptionPlan } from "../../plan/plan.ts";

type Key = NonNullable<EncryptionPlan[keyof EncryptionPlan]>;

/** Volumes whose keys are no secret. */
export function volumeDocuments(encryption: EncryptionPlan): readonly object[] {
  return entries(encryption).flatMap(([volume, key]) =>
    key === "static" ? [] : [volumeDocument(volume, openKey(volume, key))],
  );
}

/** Volumes whose key is the passphrase itself: a secret from here on. */
export function passphraseDocuments(encryption: EncryptionPlan, passphrase: string): readonly object[] {
  return entries(encryption).flatMap(([volume, key]) =>
    key === "static" ? [volumeDocument(volume, { static: { passphrase } })] : [],
  );
}

const entries = (encryption: EncryptionPlan): [string, Key][] => Object.entries(encryption) as [string, Key][];

const volumeDocument = (name: string, key: object): object => ({
  apiVersion: "v1alpha1",
  kind: "VolumeConfig",
  name,
  encryption: { provider: "luks2", keys: [{ slot: 0, ...key }] },
});

function openKey(volume: string, key: Exclude<Key, "static">): object {
  if (key === "nodeID") return { nodeID: {} };
  // Bound to what lies on STATE as well: another STATE, made up by somebody else, does not open it.
  const lock = volume === "STATE" ? {} : { lockToState: true };
  return { tpm: { checkSecurebootStatusOnEnroll: true }, ...lock };
}
