// Charts and CRDs that come with Go modules: what the program installs by chart, as its makers publish it. Checksums are pinned here.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { moduleFolder } from "../build-program.ts";
import { type KubernetesObject, objectsIn } from "../charts/render-chart.ts";

interface Source {
  readonly module: string;
  readonly version: string;
  readonly sum: string;
  /** Folder of the chart in the module. */
  readonly chart?: string;
  /** Folders of the CRDs, or single files where a folder holds other things too. */
  readonly crds: readonly string[];
}

/** The modules by what they bring; a chart's version is the module's. */
export const sources = {
  cilium: {
    module: "github.com/cilium/cilium",
    version: "v1.19.3",
    sum: "h1:foJrHPk45HwshOd8Qf/kptf9JxPfNySkIDKsetZa9+Y=",
    chart: "install/kubernetes/cilium",
    crds: ["pkg/k8s/apis/cilium.io/client/crds/v2", "pkg/k8s/apis/cilium.io/client/crds/v2alpha1"],
  },
  metallb: {
    module: "go.universe.tf/metallb",
    version: "v0.16.1",
    sum: "h1:iVtjCslcUFMOEvuNeAyW2ygZxyW+6YjnNcEuCTOZezc=",
    chart: "charts/metallb",
    crds: ["config/crd/bases"],
  },
  prometheusOperator: {
    module: "github.com/prometheus-operator/prometheus-operator",
    version: "v0.85.0",
    sum: "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
    crds: ["example/prometheus-operator-crd"],
  },
  // Control planes whose configuration opens the Talos API to pods install this one by themselves.
  talos: {
    module: "github.com/siderolabs/talos",
    version: "v1.13.0",
    sum: "h1:4KXRbxCZ/8FtXRV/cEaouW8K/LjRkBLG7a42dsNLe8M=",
    crds: ["internal/app/machined/pkg/controllers/k8s/internal/k8stemplates/testdata/talos-service-account-crd.yaml"],
  },
} as const satisfies Record<string, Source>;

/** A source's name. */
export type SourceName = keyof typeof sources;

async function folderOf(name: SourceName): Promise<string> {
  const { module, version, sum } = sources[name];
  return await moduleFolder("charts", `${module}@${version}`, sum);
}

/** Folder of the chart that a module brings. */
export async function chartFolder(name: "cilium" | "metallb"): Promise<string> {
  return join(await folderOf(name), sources[name].chart);
}

/** The CRDs that a module brings. */
export async function customResourceDefinitions(name: SourceName): Promise<KubernetesObject[]> {
  const root = await folderOf(name);
  return sources[name].crds
    .map((path) => join(root, path))
    .flatMap((path) => (path.endsWith(".yaml") ? [path] : yamlFilesIn(path)))
    .flatMap((file) => objectsIn(readFileSync(file, "utf8")))
    .filter(({ kind }) => kind === "CustomResourceDefinition");
}

const yamlFilesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => join(folder, file));
