// The administrator's kubeconfig, as a control plane issues it.
import { stringify } from "yaml";
import { calendar } from "../clock.ts";
import type { Rack } from "../store.ts";
import { issueCertificate } from "./certificate.ts";
import { apiServerReadyAt, clusterOf } from "./cluster.ts";
import { encode } from "./secrets.ts";
import { awaitMoment, openConfigured, retryable, type TalosCall } from "./talos-api.ts";

/** Talos issues it for a year. */
const CERTIFICATE_DAYS = 365;

/** A kubeconfig, whole and in its parts, as the plug-in hands it out. */
export interface Kubeconfig {
  readonly raw: string;
  readonly host: string;
  readonly caCertificate: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
  readonly clusterName: string;
}

/** Issues a kubeconfig. Its proxy-url names the rack, so that nothing but the rack's own Kubernetes is ever reached with it. */
export function issueKubeconfig(rack: Rack, call: TalosCall): Kubeconfig {
  const node = openConfigured(rack, call, "Kubeconfig");
  if (node.config?.type !== "controlplane")
    throw retryable("Unimplemented", "kubeconfig is only available on control plane nodes", call.timeoutSec);
  const cluster = clusterOf(rack, node);
  const notUp = () =>
    retryable(
      "FailedPrecondition",
      "kubernetes root secrets are not available yet: the cluster has not been bootstrapped",
      call.timeoutSec,
    );
  if (!cluster) throw notUp();
  awaitMoment(rack, apiServerReadyAt(cluster), notUp);
  const client = issueCertificate(
    cluster.authority,
    { organization: "system:masters", commonName: "admin" },
    "p256",
    calendar(rack),
    CERTIFICATE_DAYS,
  );
  const fields = {
    host: node.config.endpoint,
    caCertificate: encode(cluster.authority.cert),
    clientCertificate: encode(client.cert),
    clientKey: encode(client.key),
  };
  const user = `admin@${cluster.name}`;
  const raw = stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: cluster.name,
          cluster: {
            server: fields.host,
            "certificate-authority-data": fields.caCertificate,
            "proxy-url": `http://${rack.name}.rack.invalid`,
          },
        },
      ],
      users: [
        {
          name: user,
          user: { "client-certificate-data": fields.clientCertificate, "client-key-data": fields.clientKey },
        },
      ],
      contexts: [{ name: user, context: { cluster: cluster.name, namespace: "default", user } }],
      "current-context": user,
    },
    { lineWidth: 0 },
  );
  return { raw, ...fields, clusterName: cluster.name };
}
