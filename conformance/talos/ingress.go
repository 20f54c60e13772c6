package main

import (
	"fmt"
	"slices"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/nethelpers"
)

// ingress is one rule of the firewall, in the words of the plan.
type ingress struct {
	Protocol string   `json:"protocol"`
	Ports    []string `json:"ports"`
	From     []string `json:"from"`
}

// ingressOf are the rules by which something is let in, in their order.
func ingressOf(provider config.Provider) []ingress {
	if provider.NetworkRules().DefaultAction() != nethelpers.DefaultActionBlock {
		return nil
	}

	out := []ingress{}

	for _, rule := range provider.NetworkRules().Rules() {
		next := ingress{Protocol: rule.Protocol().String(), Ports: []string{}, From: []string{}}

		for _, ports := range rule.PortRanges() {
			text := fmt.Sprint(ports[0])
			if ports[1] != ports[0] {
				text += fmt.Sprintf("-%d", ports[1])
			}

			next.Ports = append(next.Ports, text)
		}

		for _, subnet := range rule.Subnets() {
			next.From = append(next.From, subnet.String())
		}

		slices.Sort(next.From)
		out = append(out, next)
	}

	return out
}
