package main

import (
	"fmt"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// cluster generates the configuration that all nodes start from.
type cluster struct {
	input *generate.Input
}

func newCluster(in request) (*cluster, error) {
	contract, err := config.ParseContractFromVersion(in.TalosVersion)
	if err != nil {
		return nil, fmt.Errorf("talos version %q: %w", in.TalosVersion, err)
	}

	bundle, err := secrets.NewBundle(secrets.NewClock(), contract)
	if err != nil {
		return nil, fmt.Errorf("cannot make secrets: %w", err)
	}

	input, err := generate.NewInput(in.ClusterName, in.Endpoint, strings.TrimPrefix(in.KubernetesVersion, "v"),
		generate.WithVersionContract(contract), generate.WithSecretsBundle(bundle))
	if err != nil {
		return nil, fmt.Errorf("cannot generate: %w", err)
	}

	return &cluster{input}, nil
}

// mode is what Talos is told about the platform it validates for.
type mode struct {
	name            string
	requiresInstall bool
}

func (m mode) String() string        { return m.name }
func (m mode) RequiresInstall() bool { return m.requiresInstall }
func (m mode) InContainer() bool     { return false }

func modeOf(platform string) (mode, error) {
	switch platform {
	case "metal":
		return mode{"metal", true}, nil
	case "nocloud":
		return mode{"cloud", false}, nil
	default:
		return mode{}, fmt.Errorf("unknown platform %q", platform)
	}
}

func (c *cluster) judge(node nodeRequest) nodeAnswer {
	answer := nodeAnswer{Name: node.Name, Errors: []string{}, Warnings: []string{}}

	provider, err := c.configure(node)
	if err != nil {
		answer.Errors = append(answer.Errors, err.Error())
		return answer
	}

	platform, err := modeOf(node.Platform)
	if err != nil {
		answer.Errors = append(answer.Errors, err.Error())
		return answer
	}

	warnings, err := provider.Validate(platform)
	answer.Warnings = append(answer.Warnings, warnings...)

	if err != nil {
		answer.Errors = append(answer.Errors, err.Error())
		return answer
	}

	answer.View, err = look(provider, node.Disks)
	if err != nil {
		answer.Errors = append(answer.Errors, err.Error())
	}

	return answer
}

// configure generates, patches, and reads the result again from its bytes: that is how it reaches a node.
func (c *cluster) configure(node nodeRequest) (config.Provider, error) {
	role, err := machine.ParseType(node.Role)
	if err != nil {
		return nil, err
	}

	generated, err := c.input.Config(role)
	if err != nil {
		return nil, fmt.Errorf("cannot generate: %w", err)
	}

	patches, err := configpatcher.LoadPatches(node.Patches)
	if err != nil {
		return nil, fmt.Errorf("patch refused: %w", err)
	}

	patched, err := configpatcher.Apply(configpatcher.WithConfig(generated), patches)
	if err != nil {
		return nil, fmt.Errorf("patch refused: %w", err)
	}

	bytes, err := patched.Bytes()
	if err != nil {
		return nil, err
	}

	provider, err := configloader.NewFromBytes(bytes)
	if err != nil {
		return nil, fmt.Errorf("configuration refused: %w", err)
	}

	return provider, nil
}
