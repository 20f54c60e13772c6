// Chart cilium: the agents that make nodes Ready, the operator, and the ConfigMap both read.

import { charts } from "../../../../plan/versions.ts";
import type { JsonObject, KubeObject } from "../objects.ts";
import {
  type ChartModel,
  definitions,
  isOn,
  numberAt,
  type ReleaseInfo,
  textAt,
  type Values,
  valueAt,
  words,
  workload,
} from "./chart.ts";

const KEYS =
  words(`MTU affinity agent agentNotReadyTaintKey aksbyocni alibabacloud annotateK8sNode annotations apiRateLimit authentication
  autoDirectNodeRoutes azure bandwidthManager bgpControlPlane bpf bpfClockProbe certgen cgroup ciliumEndpointSlice cleanBpfState cleanState
  cluster clustermesh cni commonLabels conntrackGCInterval conntrackGCMaxInterval containerRuntime crdWaitTimeout customCalls
  daemon dashboards debug defaultLBServiceIPAM devices directRoutingSkipUnreachable disableEndpointCRD dnsPolicy dnsProxy egressGateway
  enableCriticalPriorityClass enableIPv4BIGTCP enableIPv4Masquerade enableIPv6BIGTCP enableIPv6Masquerade enableInternalTrafficPolicy enableK8sTerminatingEndpoint
  enableLBIPAM enableMasqueradeRouteSource enableNonDefaultDenyPolicies enableXTSocketFallback encryption endpointHealthChecking
  endpointLockdownOnMapOverflow endpointRoutes eni envoy envoyConfig etcd externalIPs externalWorkloads extraArgs extraConfig extraContainers extraEnv
  extraHostPathMounts extraInitContainers extraVolumeMounts extraVolumes forceDeviceDetection gatewayAPI gke global healthChecking healthCheckICMPFailureThreshold
  healthPort highScaleIPcache hostFirewall hostPort hubble identityAllocationMode identityChangeGracePeriod identityManagementMode image
  imagePullSecrets ingressController initResources installNoConntrackIptablesRules ipMasqAgent ipam ipv4 ipv4NativeRoutingCIDR ipv6
  ipv6NativeRoutingCIDR k8s k8sClientRateLimit k8sNetworkPolicy k8sServiceHost k8sServiceHostRef k8sServiceLookupConfigMapName k8sServiceLookupNamespace
  k8sServicePort keepDeprecatedLabels keepDeprecatedProbes kubeConfigPath kubeProxyReplacement kubeProxyReplacementHealthzBindAddr
  l2NeighDiscovery l2announcements l2podAnnouncements l7Proxy livenessProbe loadBalancer localRedirectPolicy localRedirectPolicies logSystemLoad maglev
  monitor name namespaceOverride nat nat46x64Gateway nodeIPAM nodePort nodeSelector nodeSelectorLabels nodeinit operator pmtuDiscovery podAnnotations
  podLabels podSecurityContext policyCIDRMatchMode policyEnforcementMode pprof preflight priorityClassName prometheus proxy rbac readinessProbe
  resourceQuotas resources rollOutCiliumPods routingMode scheduling sctp secretsNamespaceAnnotations secretsNamespaceLabels securityContext
  serviceAccounts serviceNoBackendResponse sleepAfterInit socketLB standaloneDnsProxy startupProbe svcSourceRangeCheck synchronizeK8sNodes terminationGracePeriodSeconds
  tls tmpVolume tolerations tunnelPort tunnelProtocol tunnelSourcePortRange tunnel underlayProtocol updateStrategy upgradeCompatibility vtep waitForKubeProxy wellKnownIdentities`);

const AGENT_ADDS = ["NET_ADMIN"];

function configMap(release: ReleaseInfo, values: Values): KubeObject {
  const data = {
    ipam: textAt(values, "ipam.mode", "cluster-pool"),
    "annotate-k8s-node": String(isOn(values, "annotateK8sNode", false)),
    "k8s-require-ipv4-pod-cidr": String(isOn(values, "k8s.requireIPv4PodCIDR", false)),
    "kube-proxy-replacement": textAt(values, "kubeProxyReplacement", "false"),
    "routing-mode": textAt(values, "routingMode", "tunnel"),
    "ipv4-native-routing-cidr": textAt(values, "ipv4NativeRoutingCIDR", ""),
    "enable-ipv4-masquerade": String(isOn(values, "enableIPv4Masquerade", true)),
  };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "cilium-config", namespace: release.namespace },
    data,
  };
}

/** The chart's own checks (templates/validate.yaml). */
function validate(values: Values): void {
  const isNative = textAt(values, "routingMode", "tunnel") === "native";
  if (isOn(values, "autoDirectNodeRoutes", false) && !isNative) {
    throw new Error(
      "execution error at (cilium/templates/cilium-configmap.yaml): RoutingMode must be set to native when AutoDirectNodeRoutes is enabled",
    );
  }
  const capabilities = valueAt(values, "securityContext.capabilities.ciliumAgent");
  if (Array.isArray(capabilities) && AGENT_ADDS.some((name) => !capabilities.includes(name))) {
    throw new Error(
      `cilium-agent: operation not permitted: securityContext.capabilities.ciliumAgent lacks ${AGENT_ADDS.join(", ")}`,
    );
  }
}

function objects(release: ReleaseInfo, values: Values): KubeObject[] {
  validate(values);
  const agent = {
    "k8s-app": "cilium",
    "app.kubernetes.io/name": "cilium-agent",
    "app.kubernetes.io/part-of": "cilium",
  };
  const everywhere = { hostNetwork: true, tolerations: [{ operator: "Exists" }] } satisfies JsonObject;
  const operator = { "io.cilium/app": "operator", "app.kubernetes.io/name": "cilium-operator" };
  const apart = {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname" }] },
  };
  const list = [
    configMap(release, values),
    workload(release, {
      kind: "DaemonSet",
      name: "cilium",
      labels: agent,
      pod: everywhere,
      container: { name: "cilium-agent" },
    }),
    workload(release, {
      kind: "Deployment",
      name: "cilium-operator",
      labels: operator,
      replicas: numberAt(values, "operator.replicas", 2),
      pod: { ...everywhere, affinity: apart },
    }),
  ];
  if (isOn(values, "envoy.enabled", true)) {
    list.push(
      workload(release, {
        kind: "DaemonSet",
        name: "cilium-envoy",
        labels: { "k8s-app": "cilium-envoy" },
        pod: everywhere,
      }),
    );
  }
  // The operator registers these when it starts; they are there as long as it is.
  return [
    ...list,
    ...definitions(
      "cilium.io",
      "v2",
      "CiliumNetworkPolicy CiliumClusterwideNetworkPolicy! CiliumNode! CiliumEndpoint CiliumIdentity! CiliumLoadBalancerIPPool! CiliumCIDRGroup!",
    ),
  ];
}

export const cilium: ChartModel = {
  name: charts.cilium.chart,
  version: charts.cilium.version,
  repository: charts.cilium.repository,
  appVersion: charts.cilium.version,
  keys: KEYS,
  objects,
};
