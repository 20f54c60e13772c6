// The bundle that `machine.Secrets` generates. All keys and tokens in it are secret.

/** A certificate with its key, base64 of PEM. */
export interface CertificateAndKey {
  readonly cert: string;
  readonly key: string;
}

/** What `talosctl gen secrets` writes, under the names of the provider. */
export interface MachineSecrets {
  readonly certs: {
    readonly etcd: CertificateAndKey;
    readonly k8s: CertificateAndKey;
    readonly k8sAggregator: CertificateAndKey;
    readonly k8sServiceaccount: { readonly key: string };
    readonly os: CertificateAndKey;
  };
  readonly cluster: { readonly id: string; readonly secret: string };
  readonly secrets: {
    readonly aescbcEncryptionSecret?: string;
    readonly bootstrapToken: string;
    readonly secretboxEncryptionSecret: string;
  };
  readonly trustdinfo: { readonly token: string };
}
