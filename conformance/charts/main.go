// Command charts renders a Helm chart as Helm does on installation, without a cluster: values are checked against the chart's own schema,
// templates are filled in. Request on stdin, answer on stdout, both JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

type request struct {
	// Chart is the chart's folder.
	Chart             string         `json:"chart"`
	Release           string         `json:"release"`
	Namespace         string         `json:"namespace"`
	KubernetesVersion string         `json:"kubernetesVersion"`
	Values            map[string]any `json:"values"`
}

type answer struct {
	Version string `json:"version"`
	// Unknown are the values, as dotted paths, that the chart has no default for and no template mentions: a misspelt name.
	Unknown []string `json:"unknown"`
	// CRDs and Manifests are YAML, several documents each.
	CRDs      []string `json:"crds"`
	Manifests []string `json:"manifests"`
}

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

	loaded, err := loader.Load(in.Chart)
	if err != nil {
		return fmt.Errorf("cannot load the chart: %w", err)
	}

	unknown := unknownValues(loaded, loaded.Values, in.Values, "")

	if err := chartutil.ProcessDependenciesWithMerge(loaded, in.Values); err != nil {
		return fmt.Errorf("cannot settle the subcharts: %w", err)
	}

	version, err := chartutil.ParseKubeVersion(in.KubernetesVersion)
	if err != nil {
		return err
	}

	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version

	options := chartutil.ReleaseOptions{Name: in.Release, Namespace: in.Namespace, Revision: 1, IsInstall: true}

	values, err := chartutil.ToRenderValues(loaded, in.Values, options, capabilities)
	if err != nil {
		return fmt.Errorf("values refused: %w", err)
	}

	files, err := engine.Render(loaded, values)
	if err != nil {
		return fmt.Errorf("cannot render: %w", err)
	}

	out := answer{Version: loaded.Metadata.Version, Unknown: unknown, CRDs: crdsOf(loaded), Manifests: manifestsOf(files)}

	return json.NewEncoder(os.Stdout).Encode(out)
}

func crdsOf(loaded *chart.Chart) []string {
	out := []string{}
	for _, crd := range loaded.CRDObjects() {
		out = append(out, string(crd.File.Data))
	}

	return out
}

func manifestsOf(files map[string]string) []string {
	names := make([]string, 0, len(files))
	for name, text := range files {
		// Notes are for people; partials are for other templates.
		if strings.HasSuffix(name, ".yaml") && !strings.HasPrefix(path.Base(name), "_") && strings.TrimSpace(text) != "" {
			names = append(names, name)
		}
	}

	sort.Strings(names)

	out := make([]string, 0, len(names))
	for _, name := range names {
		out = append(out, files[name])
	}

	return out
}

// unknownValues compares with the chart's defaults. A default that is empty says nothing about what may be in it.
func unknownValues(loaded *chart.Chart, defaults, given map[string]any, prefix string) []string {
	out := []string{}

	for key, value := range given {
		known, found := defaults[key]
		if !found {
			if !mentioned(loaded, ".Values."+prefix+key) {
				out = append(out, prefix+key)
			}

			continue
		}

		inner, isMap := value.(map[string]any)
		knownInner, isKnownMap := known.(map[string]any)

		if isMap && isKnownMap && len(knownInner) > 0 {
			out = append(out, unknownValues(loaded, knownInner, inner, prefix+key+".")...)
		}
	}

	sort.Strings(out)

	return out
}

// mentioned says whether a template reads a value: some have no default, only a comment.
func mentioned(loaded *chart.Chart, expression string) bool {
	whole := regexp.MustCompile(regexp.QuoteMeta(expression) + `\b`)

	return slices.ContainsFunc(loaded.Templates, func(file *chart.File) bool { return whole.Match(file.Data) })
}
