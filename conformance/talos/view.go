package main

import (
	"net/netip"
	"sort"

	talosnet "github.com/siderolabs/net"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// view is a configuration as Talos understands it.
type view struct {
	Hostname       string            `json:"hostname"`
	AutoHostname   string            `json:"autoHostname"`
	Interfaces     []link            `json:"interfaces"`
	Aliases        map[string]string `json:"aliases"`
	RoutingRules   []rule            `json:"routingRules"`
	VirtualIPs     map[string]string `json:"virtualIps"`
	RunsDHCP       bool              `json:"runsDhcp"`
	Nameservers    []string          `json:"nameservers"`
	SearchDomains  []string          `json:"searchDomains"`
	TimeServers    []string          `json:"timeServers"`
	Labels         map[string]string `json:"labels"`
	Annotations    map[string]string `json:"annotations"`
	ClusterName    string            `json:"clusterName"`
	Endpoint       string            `json:"endpoint"`
	PodSubnets     []string          `json:"podSubnets"`
	ServiceSubnets []string          `json:"serviceSubnets"`
	CNI            string            `json:"cni"`
	InstallDisk    string            `json:"installDisk"`
	// InstallMatches are the paths of the machine's disks that fit the disk selector; Talos takes the first.
	InstallMatches []string `json:"installMatches"`
	// Ingress is what the firewall lets in; nil where it lets in everything.
	Ingress []ingress `json:"ingress"`
	// Encryption is where the keys of encrypted volumes come from, by volume.
	Encryption    map[string][]string `json:"encryption"`
	InstallImage  string              `json:"installImage"`
	KernelModules []string            `json:"kernelModules"`
	// NodeAddresses are what the kubelet may take as the node's address.
	NodeAddresses []string `json:"nodeAddresses"`
	// EtcdAddresses are what etcd may advertise; empty on a worker.
	EtcdAddresses []string `json:"etcdAddresses"`
	ProxyDisabled bool     `json:"proxyDisabled"`
	APICertSANs   []string `json:"apiCertSans"`
	// KubeletConfig is what is set beside the defaults.
	KubeletConfig map[string]any `json:"kubeletConfig"`
	// WorkloadsAnywhere: control planes keep no workload away.
	WorkloadsAnywhere bool `json:"workloadsAnywhere"`
	// ControllerManagerArgs are set beside or instead of Talos's own; empty on a worker, as the following.
	ControllerManagerArgs map[string][]string `json:"controllerManagerArgs"`
	// Admission holds the configuration of the API server's admission plugins, by name.
	Admission map[string]any `json:"admission"`
}

func look(provider config.Provider, disks []disk) (*view, error) {
	cluster, node := provider.Cluster(), provider.Machine()
	interfaces := linksOf(provider)

	nodeAddresses, err := eligible(interfaces, provider, node.Kubelet().NodeIP().ValidSubnets())
	if err != nil {
		return nil, err
	}

	matches, err := matchesOf(provider, disks)
	if err != nil {
		return nil, err
	}

	out := &view{
		InstallMatches: matches,
		Encryption:     encryptionOf(provider),
		Ingress:        ingressOf(provider),
		Interfaces:     interfaces,
		Aliases:        aliasesOf(provider),
		RoutingRules:   rulesOf(provider),
		VirtualIPs:     virtualIPsOf(provider),
		RunsDHCP:       provider.RunDefaultDHCPOperators(),
		Labels:         node.NodeLabels(),
		Annotations:    node.NodeAnnotations(),
		ClusterName:    cluster.Name(),
		Endpoint:       cluster.Endpoint().String(),
		PodSubnets:     cluster.Network().PodCIDRs(),
		ServiceSubnets: cluster.Network().ServiceCIDRs(),
		CNI:            cluster.Network().CNI().Name(),
		InstallDisk:    node.Install().Disk(),
		InstallImage:   node.Install().Image(),
		KernelModules:  []string{},
		NodeAddresses:  nodeAddresses,
		EtcdAddresses:  []string{},
		APICertSANs:    []string{},
		KubeletConfig:  node.Kubelet().ExtraConfig(),
		Admission:      map[string]any{},
	}

	for _, module := range node.Kernel().Modules() {
		out.KernelModules = append(out.KernelModules, module.Name())
	}

	if hostname := provider.NetworkHostnameConfig(); hostname != nil {
		out.Hostname, out.AutoHostname = hostname.Hostname(), hostname.AutoHostname().String()
	}

	if resolver := provider.NetworkResolverConfig(); resolver != nil {
		out.Nameservers, out.SearchDomains = texts(resolver.Resolvers()), resolver.SearchDomains()
	}

	if clock := provider.NetworkTimeSyncConfig(); clock != nil {
		out.TimeServers = clock.Servers()
	}

	if node.Type() == machine.TypeControlPlane {
		out.ProxyDisabled = !cluster.Proxy().Enabled()
		out.APICertSANs = cluster.CertSANs()
		sort.Strings(out.APICertSANs)
		out.WorkloadsAnywhere = cluster.ScheduleOnControlPlanes()
		out.ControllerManagerArgs = cluster.ControllerManager().ExtraArgs()

		for _, plugin := range cluster.APIServer().AdmissionControl() {
			out.Admission[plugin.Name()] = plugin.Configuration()
		}

		if out.EtcdAddresses, err = eligible(interfaces, provider, cluster.Etcd().AdvertisedSubnets()); err != nil {
			return nil, err
		}
	}

	return out, nil
}

// eligible are the node's addresses in the subnets, without what Talos takes for pods, services or a shared address.
func eligible(interfaces []link, provider config.Provider, subnets []string) ([]string, error) {
	network := provider.Cluster().Network()
	shared := map[netip.Addr]bool{}

	for _, vip := range provider.NetworkVirtualIPConfigs() {
		shared[vip.VIP()] = true
	}

	var candidates []netip.Addr

	for _, item := range interfaces {
		for _, text := range item.Addresses {
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				return nil, err
			}

			if !shared[prefix.Addr()] {
				candidates = append(candidates, prefix.Addr())
			}
		}
	}

	filter := append([]string{}, subnets...)
	for _, taken := range append(append([]string{}, network.PodCIDRs()...), network.ServiceCIDRs()...) {
		filter = append(filter, "!"+taken)
	}

	left, err := talosnet.FilterIPs(candidates, filter)

	return texts(left), err
}

func texts(addresses []netip.Addr) []string {
	out := []string{}
	for _, address := range addresses {
		out = append(out, address.String())
	}

	return out
}
