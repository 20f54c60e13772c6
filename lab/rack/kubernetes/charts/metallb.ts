// Chart metallb: the controller that hands out addresses, the speakers that answer for them, definitions and webhooks.
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
  "controller crds frrk8s fullnameOverride imagePullSecrets loadBalancerClass nameOverride networkpolicies prometheus rbac speaker",
);
const GROUP = "metallb.io";

function webhook(kind: string, plural: string): Record<string, { webhook: string; path: string }> {
  const lower = kind.toLowerCase();
  return {
    [plural]: { webhook: `${lower}validationwebhook.metallb.io`, path: `/validate-metallb-io-v1beta1-${lower}` },
  };
}

function objects(release: ReleaseInfo, values: Values): KubeObject[] {
  const controller = chartLabels("metallb", release, "controller");
  const speaker = chartLabels("metallb", release, "speaker");
  const ignores = isOn(values, "speaker.ignoreExcludeLB", false);
  const list: KubeObject[] = [
    ...definitions(
      GROUP,
      "v1beta1",
      "IPAddressPool L2Advertisement BGPAdvertisement BFDProfile Community ServiceL2Status ServiceBGPStatus ConfigurationState",
    ),
    ...definitions(GROUP, "v1beta2", "BGPPeer"),
    workload(release, {
      kind: "Deployment",
      name: `${release.name}-controller`,
      labels: controller,
      container: { name: "controller" },
    }),
    service(release, "metallb-webhook-service", controller, [443]),
    validatingWebhooks(
      "metallb-webhook-configuration",
      { service: "metallb-webhook-service", namespace: release.namespace, group: GROUP, failurePolicy: "Fail" },
      {
        ...webhook("IPAddressPool", "ipaddresspools"),
        ...webhook("L2Advertisement", "l2advertisements"),
        ...webhook("BGPAdvertisement", "bgpadvertisements"),
        ...webhook("Community", "communities"),
        ...webhook("BFDProfile", "bfdprofiles"),
      },
    ),
  ];
  if (isOn(values, "speaker.enabled", true)) {
    list.push(
      workload(release, {
        kind: "DaemonSet",
        name: `${release.name}-speaker`,
        labels: speaker,
        pod: { hostNetwork: true, tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }] },
        container: {
          name: "speaker",
          args: ignores ? ["--ignore-exclude-lb"] : [],
          securityContext: { capabilities: { add: ["NET_RAW"] } },
        },
      }),
    );
  }
  if (isOn(values, "frrk8s.enabled", true)) {
    const labels = chartLabels("frr-k8s", release, "frr-k8s");
    list.push(
      workload(release, {
        kind: "DaemonSet",
        name: `${release.name}-frr-k8s`,
        labels,
        pod: { hostNetwork: true },
        container: { securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW", "SYS_ADMIN"] } } },
      }),
    );
  }
  return list;
}

export const metallb: ChartModel = {
  name: charts.metallb.chart,
  version: charts.metallb.version,
  repository: charts.metallb.repository,
  appVersion: `v${charts.metallb.version}`,
  keys: KEYS,
  objects,
};
