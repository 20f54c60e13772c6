// Command cilium has Cilium's own code read what its agent would find in the API: nodes, with the range of their pods, and network policies.
// Request on stdin, answer on stdout, both JSON.
package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strconv"

	"github.com/cilium/cilium/pkg/k8s"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	core "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	networking "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy/api"
	"github.com/cilium/cilium/pkg/source"
)

type request struct {
	// Config is the data of the ConfigMap cilium-config.
	Config   map[string]string `json:"config"`
	Nodes    []core.Node       `json:"nodes"`
	Policies []json.RawMessage `json:"policies"`
}

type answer struct {
	Nodes    []nodeAnswer   `json:"nodes"`
	Policies []policyAnswer `json:"policies"`
}

// nodeAnswer is a node as the agents see it.
type nodeAnswer struct {
	Name string `json:"name"`
	// Address is where the node's pods are reached.
	Address string `json:"address"`
	// PodPrefix is the range of its pods; empty: the agent waits for one.
	PodPrefix string `json:"podPrefix"`
}

// policyAnswer says what Cilium thinks of one policy.
type policyAnswer struct {
	Name  string `json:"name"`
	Error string `json:"error,omitempty"`
	// DeniesEgress and DeniesIngress: whether whom it selects may do only what some policy allows.
	DeniesEgress  bool `json:"deniesEgress"`
	DeniesIngress bool `json:"deniesIngress"`
}

const clusterName = "default"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var in request
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return fmt.Errorf("cannot read the request: %w", err)
	}

	if err := configure(in.Config); err != nil {
		return err
	}

	// What it logs is about single fields; what counts is in the answer.
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	out := answer{Nodes: []nodeAnswer{}, Policies: []policyAnswer{}}

	for i := range in.Nodes {
		node := k8s.ParseNode(logger, &in.Nodes[i], source.Kubernetes)
		seen := nodeAnswer{Name: node.Name}

		if address := node.GetNodeIP(false); address != nil {
			seen.Address = address.String()
		}

		if node.IPv4AllocCIDR != nil {
			seen.PodPrefix = node.IPv4AllocCIDR.String()
		}

		out.Nodes = append(out.Nodes, seen)
	}

	for _, text := range in.Policies {
		judged, err := judge(logger, text)
		if err != nil {
			return err
		}

		out.Policies = append(out.Policies, judged)
	}

	return json.NewEncoder(os.Stdout).Encode(out)
}

// configure sets the options that decide how nodes and policies are read; the others stay as the agent has them by default.
func configure(config map[string]string) error {
	for name, target := range map[string]*bool{
		option.AnnotateK8sNode:              &option.Config.AnnotateK8sNode,
		option.EnableICMPRules:              &option.Config.EnableICMPRules,
		option.EnableL7Proxy:                &option.Config.EnableL7Proxy,
		option.EnableNodeSelectorLabels:     &option.Config.EnableNodeSelectorLabels,
		option.EnableNonDefaultDenyPolicies: &option.Config.EnableNonDefaultDenyPolicies,
	} {
		text, found := config[name]
		if !found {
			continue
		}

		value, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}

		*target = value
	}

	return nil
}

func judge(logger *slog.Logger, text json.RawMessage) (policyAnswer, error) {
	var header struct {
		Kind     string `json:"kind"`
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(text, &header); err != nil {
		return policyAnswer{}, err
	}

	out := policyAnswer{Name: header.Metadata.Name}

	var err error

	switch header.Kind {
	case "CiliumClusterwideNetworkPolicy":
		var policy v2.CiliumClusterwideNetworkPolicy
		if err = json.Unmarshal(text, &policy); err == nil {
			err = out.take(policy.Parse(logger, clusterName))
		}
	case "CiliumNetworkPolicy":
		var policy v2.CiliumNetworkPolicy
		if err = json.Unmarshal(text, &policy); err == nil {
			err = out.take(policy.Parse(logger, clusterName))
		}
	case "NetworkPolicy":
		var policy networking.NetworkPolicy
		if err = json.Unmarshal(text, &policy); err == nil {
			entries, parseErr := k8s.ParseNetworkPolicy(logger, clusterName, &policy)
			err = parseErr

			for _, entry := range entries {
				out.DeniesIngress = out.DeniesIngress || (entry.Ingress && entry.DefaultDeny)
				out.DeniesEgress = out.DeniesEgress || (!entry.Ingress && entry.DefaultDeny)
			}
		}
	default:
		return out, fmt.Errorf("%s is no policy but a %s", out.Name, header.Kind)
	}

	if err != nil {
		out.Error = err.Error()
	}

	return out, nil
}

func (out *policyAnswer) take(rules api.Rules, err error) error {
	if err != nil {
		return err
	}

	for _, rule := range rules {
		out.DeniesEgress = out.DeniesEgress || *rule.EnableDefaultDeny.Egress
		out.DeniesIngress = out.DeniesIngress || *rule.EnableDefaultDeny.Ingress
	}

	return nil
}
