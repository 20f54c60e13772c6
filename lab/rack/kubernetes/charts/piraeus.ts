// Chart piraeus: the operator with its webhooks; everything else of LINSTOR is the operator's work (lab/rack/linstor/operator.ts).
import { charts } from "../../../../plan/versions.ts";
import type { KubeObject } from "../objects.ts";
import {
  type ChartModel,
  chartLabels,
  definitions,
  isOn,
  type ReleaseInfo,
  service,
  type Values,
  validatingWebhooks,
  words,
  workload,
} from "./chart.ts";

const KEYS = words(
  "affinity fullnameOverride imageConfigOverride imagePullSecrets installCRDs kubeRbacProxy nameOverride nodeSelector operator podAnnotations podDisruptionBudget podSecurityContext priorityClassName rbac replicaCount serviceAccount tls tolerations topologySpreadConstraints webhook",
);
const KINDS = "LinstorCluster LinstorNodeConnection LinstorSatellite LinstorSatelliteConfiguration";

/** Group of the operator's own kinds; all lie outside of namespaces. */
export const PIRAEUS_GROUP = "piraeus.io";

function objects(release: ReleaseInfo, values: Values): KubeObject[] {
  const labels = chartLabels("piraeus-datastore", release, "piraeus-operator");
  const name = "piraeus-operator-controller-manager";
  const hooks = KINDS.split(" ").map((kind): [string, { webhook: string; path: string }] => {
    const lower = kind.toLowerCase();
    return [`${lower}s`, { webhook: `v${lower}.kb.io`, path: `/validate-piraeus-io-v1-${lower}` }];
  });
  const target = {
    service: "piraeus-operator-webhook-service",
    namespace: release.namespace,
    group: PIRAEUS_GROUP,
    failurePolicy: "Fail",
  };
  const kinds = KINDS.split(" ")
    .map((kind) => `${kind}!`)
    .join(" ");
  return [
    // Off by default: then somebody else has to install them.
    ...(isOn(values, "installCRDs", false) ? definitions(PIRAEUS_GROUP, "v1", kinds) : []),
    workload(release, { kind: "Deployment", name, labels, container: { name: "manager" } }),
    workload(release, { kind: "Deployment", name: "piraeus-operator-gencert", labels: { ...labels, part: "gencert" } }),
    service(release, target.service, labels, [443]),
    validatingWebhooks("piraeus-operator-validating-webhook-configuration", target, Object.fromEntries(hooks)),
  ];
}

export const piraeus: ChartModel = {
  name: charts.piraeus.chart,
  version: charts.piraeus.version,
  appVersion: `v${charts.piraeus.version}`,
  keys: KEYS,
  objects,
};
