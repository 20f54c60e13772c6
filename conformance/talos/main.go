// Command talos has Talos's own code read what the program sends to a node: it generates a configuration as the provider does,
// patches it, validates it for a platform and prints what Talos makes of it. Request on stdin, answer on stdout, both JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// request is one cluster and the nodes of it.
type request struct {
	ClusterName       string        `json:"clusterName"`
	Endpoint          string        `json:"endpoint"`
	TalosVersion      string        `json:"talosVersion"`
	KubernetesVersion string        `json:"kubernetesVersion"`
	Nodes             []nodeRequest `json:"nodes"`
}

// nodeRequest is one node: its role, the platform it boots on, and what is patched into the generated configuration.
type nodeRequest struct {
	Name     string   `json:"name"`
	Role     string   `json:"role"`
	Platform string   `json:"platform"`
	Patches  []string `json:"patches"`
	// Disks are what the machine has.
	Disks []disk `json:"disks"`
}

// nodeAnswer says what Talos thinks of one node. Without errors there is a view.
type nodeAnswer struct {
	Name     string   `json:"name"`
	Errors   []string `json:"errors"`
	Warnings []string `json:"warnings"`
	View     *view    `json:"view,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var in request

	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(&in); err != nil {
		return fmt.Errorf("cannot read the request: %w", err)
	}

	cluster, err := newCluster(in)
	if err != nil {
		return err
	}

	answers := make([]nodeAnswer, 0, len(in.Nodes))
	for _, node := range in.Nodes {
		answers = append(answers, cluster.judge(node))
	}

	return json.NewEncoder(os.Stdout).Encode(answers)
}
