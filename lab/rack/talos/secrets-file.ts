// The file `talosctl gen secrets` writes and the talos plug-in imports (siderolabs/talos, pkg/machinery/config/generate/secrets/bundle.go).
import { parse, parseAllDocuments, stringify } from "yaml";
import type { EncodedIdentity, MachineSecrets } from "./secrets.ts";

interface Pair {
  crt: string;
  key: string;
}
interface SecretsFile {
  cluster: { id: string; secret: string };
  secrets: { bootstraptoken: string; secretboxencryptionsecret: string };
  trustdinfo: { token: string };
  certs: { etcd: Pair; k8s: Pair; k8saggregator: Pair; k8sserviceaccount: { key: string }; os: Pair };
}

const identity = ({ crt, key }: Pair): EncodedIdentity => ({ cert: crt, key });

/** Reads a file of secrets. Throws when it is none. */
export function readSecretsFile(text: string): MachineSecrets {
  const { cluster, secrets, trustdinfo, certs } = parse(text) as SecretsFile;
  return {
    certs: {
      etcd: identity(certs.etcd),
      k8s: identity(certs.k8s),
      k8sAggregator: identity(certs.k8saggregator),
      k8sServiceaccount: certs.k8sserviceaccount,
      os: identity(certs.os),
    },
    cluster,
    secrets: {
      bootstrapToken: secrets.bootstraptoken,
      secretboxEncryptionSecret: secrets.secretboxencryptionsecret,
    },
    trustdinfo,
  };
}

interface ControlPlane {
  machine: { token: string; ca: Pair };
  cluster: {
    id: string;
    secret: string;
    token: string;
    secretboxEncryptionSecret: string;
    ca: Pair;
    aggregatorCA: Pair;
    serviceAccount: { key: string };
    etcd: { ca: Pair };
  };
}

/** The secrets that a control plane's configuration holds, as such a file. */
export function secretsFileOf(configuration: string): string {
  const documents = parseAllDocuments(configuration).map((document) => document.toJS() as Partial<ControlPlane>);
  const main = documents.find((document) => document.machine !== undefined) as ControlPlane | undefined;
  if (main?.cluster.aggregatorCA === undefined) throw new Error("the configuration is not of a control plane");
  const { machine, cluster } = main;
  const file: SecretsFile = {
    cluster: { id: cluster.id, secret: cluster.secret },
    secrets: { bootstraptoken: cluster.token, secretboxencryptionsecret: cluster.secretboxEncryptionSecret },
    trustdinfo: { token: machine.token },
    certs: {
      etcd: cluster.etcd.ca,
      k8s: cluster.ca,
      k8saggregator: cluster.aggregatorCA,
      k8sserviceaccount: cluster.serviceAccount,
      os: machine.ca,
    },
  };
  return stringify(file, { lineWidth: 0 });
}
