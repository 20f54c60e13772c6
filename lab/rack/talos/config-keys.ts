// Which keys the documents of a Talos v1.13 machine configuration have. Source: siderolabs/talos,
// pkg/machinery/config/schemas/config.schema.json. Talos refuses every other key when it decodes a document.

/** Keys of `machine` in the main document. */
export const machineKeys =
  words(`type token ca acceptedCAs certSANs controlPlane kubelet pods network disks install files env time sysctls
  sysfs registries systemDiskEncryption features udev logging kernel seccompProfiles baseRuntimeSpecOverrides nodeLabels nodeAnnotations
  nodeTaints`);

/** Keys of `cluster` in the main document. */
export const clusterKeys =
  words(`id secret controlPlane clusterName network token aescbcEncryptionSecret secretboxEncryptionSecret ca acceptedCAs
  aggregatorCA serviceAccount apiServer controllerManager proxy scheduler discovery etcd coreDNS externalCloudProvider extraManifests
  extraManifestHeaders inlineManifests adminKubeconfig allowSchedulingOnMasters allowSchedulingOnControlPlanes`);

/** Keys one level further down, where a slip is likely. */
export const nestedKeys: Readonly<Record<string, ReadonlySet<string>>> = {
  "machine.install": words(
    "disk diskSelector extraKernelArgs image extensions wipe legacyBIOSSupport grubUseUKICmdline",
  ),
  "machine.install.diskSelector": words("size name model serial modalias uuid wwid type busPath"),
  "machine.kubelet":
    words(`image clusterDNS extraArgs extraMounts extraConfig credentialProviderConfig defaultRuntimeSeccompProfileEnabled
    registerWithFQDN nodeIP skipNodeRegistration disableManifestsDirectory`),
  "machine.kubelet.nodeIP": words("validSubnets"),
  "machine.kernel": words("modules"),
  "machine.features":
    words(`rbac stableHostname kubernetesTalosAPIAccess apidCheckExtKeyUsage diskQuotaSupport kubePrism hostDNS imageCache
    nodeAddressSortAlgorithm`),
  "machine.features.kubePrism": words("enabled port"),
  "machine.features.hostDNS": words("enabled forwardKubeDNSToHost resolveMemberNames"),
  "machine.network": words(
    "hostname interfaces nameservers searchDomains extraHostEntries kubespan disableSearchDomain",
  ),
  "machine.time": words("disabled servers bootTimeout"),
  "cluster.controlPlane": words("endpoint localAPIServerPort"),
  "cluster.network": words("cni dnsDomain podSubnets serviceSubnets"),
  "cluster.network.cni": words("name urls flannel"),
  "cluster.apiServer":
    words(`image extraArgs extraVolumes env certSANs disablePodSecurityPolicy admissionControl auditPolicy resources
    authorizationConfig`),
  "cluster.controllerManager": words("image extraArgs extraVolumes env resources"),
  "cluster.scheduler": words("image extraArgs extraVolumes env resources config"),
  "cluster.proxy": words("disabled image mode extraArgs"),
  "cluster.etcd": words("image ca extraArgs subnet advertisedSubnets listenSubnets"),
  "cluster.coreDNS": words("disabled image"),
  "cluster.discovery": words("enabled registries"),
};

const link = "name up mtu addresses routes multicast";

/** Keys of the other documents, by kind, beside `apiVersion` and `kind`. */
export const documentKeys: Readonly<Record<string, ReadonlySet<string>>> = {
  LinkConfig: words(link),
  LinkAliasConfig: words("name selector"),
  BondConfig:
    words(`${link} hardwareAddr links bondMode miimon updelay downdelay useCarrier xmitHashPolicy arpInterval arpIpTargets nsIp6Targets
    arpValidate arpAllTargets lacpRate failOverMac adSelect adActorSysPrio adUserPortKey adLACPActive primary primaryReselect resendIGMP
    minLinks lpInterval packetsPerSlave numPeerNotif tlbLogicalLb allSlavesActive peerNotifDelay missedMax`),
  VLANConfig: words(`${link} vlanID vlanMode parent`),
  BridgeConfig: words(`${link} hardwareAddr links stp vlan`),
  DummyLinkConfig: words(`${link} hardwareAddr`),
  VRFConfig: words(`${link} hardwareAddr links table`),
  WireguardConfig: words(`${link} privateKey listenPort firewallMark peers`),
  EthernetConfig: words("name features rings channels wakeOnLan"),
  DHCPv4Config: words("name routeMetric ignoreHostname ignoreRoutes clientIdentifier duidRaw"),
  DHCPv6Config: words("name routeMetric ignoreHostname clientIdentifier duidRaw"),
  HostnameConfig: words("auto hostname"),
  ResolverConfig: words("nameservers searchDomains hostDNS"),
  StaticHostConfig: words("name hostnames"),
  TimeSyncConfig: words("enabled bootTimeout ntp ptp"),
  TCPProbeConfig: words("name interval failureThreshold endpoint timeout"),
  Layer2VIPConfig: words("name link"),
  HCloudVIPConfig: words("name link apiToken"),
  RoutingRuleConfig: words("name src dst table action iifName oifName fwMark fwMask"),
  BlackholeRouteConfig: words("name metric"),
  NetworkDefaultActionConfig: words("ingress"),
  NetworkRuleConfig: words("name portSelector ingress"),
  KubeSpanConfig: words("enabled advertiseKubernetesNetworks allowDownPeerBypass harvestExtraEndpoints mtu filters"),
  KubeSpanEndpointsConfig: words("extraAnnouncedEndpoints"),
  VolumeConfig: words("name provisioning filesystem encryption mount trim scrub"),
  UserVolumeConfig: words("name volumeType provisioning filesystem encryption mount trim scrub"),
  RawVolumeConfig: words("name provisioning encryption"),
  ExistingVolumeConfig: words("name discovery mount trim scrub"),
  ExternalVolumeConfig: words("name filesystemType mount"),
  SwapVolumeConfig: words("name provisioning encryption"),
  ZswapConfig: words("maxPoolPercent shrinkerEnabled"),
  RegistryAuthConfig: words("name username password auth identityToken"),
  RegistryMirrorConfig: words("name endpoints skipFallback"),
  RegistryTLSConfig: words("name clientIdentity ca insecureSkipVerify"),
  ExtensionServiceConfig: words("name configFiles environment"),
  PCIDriverRebindConfig: words("name targetDriver"),
  EnvironmentConfig: words("variables"),
  EventSinkConfig: words("endpoint"),
  KmsgLogConfig: words("name url"),
  OOMConfig: words("triggerExpression cgroupRankingExpression strictCgroupClassOrdering sampleInterval"),
  WatchdogTimerConfig: words("device timeout"),
  TrustedRootsConfig: words("name certificates"),
  SideroLinkConfig: words("apiUrl uniqueToken"),
};

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
