package main

import (
	"fmt"
	"net/netip"
	"sort"

	"github.com/siderolabs/gen/optional"
	"github.com/siderolabs/talos/pkg/machinery/config"
	cfg "github.com/siderolabs/talos/pkg/machinery/config/config"
)

// link is one interface, in the words of the plan.
type link struct {
	Name           string   `json:"name"`
	Kind           string   `json:"kind"`
	MTU            uint32   `json:"mtu"`
	Addresses      []string `json:"addresses"`
	Routes         []route  `json:"routes"`
	Members        []string `json:"members,omitempty"`
	Mode           string   `json:"mode,omitempty"`
	XmitHashPolicy string   `json:"xmitHashPolicy,omitempty"`
	LACPRate       string   `json:"lacpRate,omitempty"`
	Parent         string   `json:"parent,omitempty"`
	VLANID         uint16   `json:"vlanId,omitempty"`
	// IsIdle: it is to be down.
	IsIdle bool `json:"isIdle,omitempty"`
}

type route struct {
	Destination string `json:"destination,omitempty"`
	Gateway     string `json:"gateway,omitempty"`
	Source      string `json:"source,omitempty"`
	Table       uint32 `json:"table,omitempty"`
	Metric      uint32 `json:"metric,omitempty"`
}

type rule struct {
	Priority    uint32 `json:"priority"`
	Source      string `json:"source,omitempty"`
	Destination string `json:"destination,omitempty"`
	Table       string `json:"table"`
}

func linksOf(provider config.Provider) []link {
	out := []link{}

	for _, item := range provider.NetworkCommonLinkConfigs() {
		next := link{Name: item.Name(), Kind: "ethernet", MTU: item.MTU().ValueOrZero(), Addresses: []string{}, Routes: []route{}}
		next.IsIdle = !item.Up().ValueOr(true)

		for _, address := range item.Addresses() {
			next.Addresses = append(next.Addresses, address.Address().String())
		}

		for _, to := range item.Routes() {
			next.Routes = append(next.Routes, route{
				Destination: prefixText(to.Destination()),
				Gateway:     addressText(to.Gateway()),
				Source:      addressText(to.Source()),
				Table:       uint32(to.Table().ValueOrZero()),
				Metric:      to.Metric().ValueOrZero(),
			})
		}

		switch special := item.(type) {
		case cfg.NetworkBondConfig:
			next.Kind, next.Members, next.Mode = "bond", special.Links(), special.Mode().String()
			next.XmitHashPolicy = optionalText(special.XmitHashPolicy())
			next.LACPRate = optionalText(special.LACPRate())
		case cfg.NetworkVLANConfig:
			next.Kind, next.Parent, next.VLANID = "vlan", special.ParentLink(), special.VLANID()
		case cfg.NetworkDummyLinkConfig:
			next.Kind = "dummy"
		}

		out = append(out, next)
	}

	return out
}

func aliasesOf(provider config.Provider) map[string]string {
	out := map[string]string{}

	for _, alias := range provider.NetworkLinkAliasConfigs() {
		selector := alias.LinkSelector()
		out[alias.Name()] = selector.String()
	}

	return out
}

func rulesOf(provider config.Provider) []rule {
	out := []rule{}

	for _, item := range provider.NetworkRoutingRuleConfigs() {
		out = append(out, rule{item.Priority(), prefixText(item.Src()), prefixText(item.Dst()), item.Table().String()})
	}

	sort.Slice(out, func(i, j int) bool { return out[i].Priority < out[j].Priority })

	return out
}

func virtualIPsOf(provider config.Provider) map[string]string {
	out := map[string]string{}
	for _, vip := range provider.NetworkVirtualIPConfigs() {
		out[vip.VIP().String()] = vip.Link()
	}

	return out
}

func prefixText(prefix optional.Optional[netip.Prefix]) string {
	if value, ok := prefix.Get(); ok {
		return value.String()
	}

	return ""
}

func addressText(address optional.Optional[netip.Addr]) string {
	if value, ok := address.Get(); ok {
		return value.String()
	}

	return ""
}

func optionalText[T fmt.Stringer](value optional.Optional[T]) string {
	if got, ok := value.Get(); ok {
		return got.String()
	}

	return ""
}
