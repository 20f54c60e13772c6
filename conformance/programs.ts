// The real components that the program is held against. Each is built from the Go module proxy; a go.mod below pins it with its checksums.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One program to build. */
export interface Program {
  readonly name: string;
  /** Folder of its go.mod, below conformance/. @default - its name */
  readonly folder?: string;
  /** What a person knows it as. */
  readonly title: string;
  /** Package to build, as seen from that folder. */
  readonly package: string;
  /** Module whose version says what is compared with. */
  readonly module: string;
  /** Minutes a first build takes on two cores, about. */
  readonly minutes: number;
  readonly tags?: string;
}

const conformanceFolder: string = import.meta.dirname;

/** All programs by name. */
export const programs = {
  talos: {
    name: "talos",
    title: "Talos's configuration code",
    package: ".",
    module: "github.com/siderolabs/talos/pkg/machinery",
    minutes: 1,
  },
  proxmox: {
    name: "proxmox",
    title: "Terraform provider for Proxmox VE",
    package: "github.com/bpg/terraform-provider-proxmox",
    module: "github.com/bpg/terraform-provider-proxmox",
    minutes: 2,
  },
  opentofu: {
    name: "opentofu",
    title: "OpenTofu",
    package: "github.com/opentofu/opentofu/cmd/tofu",
    module: "github.com/opentofu/opentofu",
    minutes: 4,
  },
  etcd: {
    name: "etcd",
    title: "etcd",
    package: "go.etcd.io/etcd/server/v3",
    module: "go.etcd.io/etcd/server/v3",
    minutes: 1,
  },
  kubernetes: {
    name: "kubernetes",
    title: "Kubernetes (API server, controller manager, scheduler)",
    package: ".",
    module: "k8s.io/kubernetes",
    minutes: 6,
  },
  kwok: {
    name: "kwok",
    title: "kwok",
    package: "sigs.k8s.io/kwok/cmd/kwok",
    module: "sigs.k8s.io/kwok",
    minutes: 3,
  },
  metallb: {
    name: "metallb",
    title: "MetalLB's controller",
    package: "go.universe.tf/metallb/controller",
    module: "go.universe.tf/metallb",
    minutes: 3,
  },
  "metallb-speaker": {
    name: "metallb-speaker",
    folder: "metallb",
    title: "MetalLB's speaker",
    package: "go.universe.tf/metallb/speaker",
    module: "go.universe.tf/metallb",
    minutes: 1,
  },
  cilium: {
    name: "cilium",
    title: "Cilium's reading of nodes and policies",
    package: ".",
    module: "github.com/cilium/cilium",
    minutes: 3,
  },
  charts: {
    name: "charts",
    title: "Helm",
    package: ".",
    module: "helm.sh/helm/v3",
    minutes: 3,
  },
} as const satisfies Record<string, Program>;

/** A program's name. */
export type ProgramName = keyof typeof programs;

/** Folder of the sources and pins that a program is built from. */
export const programFolder = (name: ProgramName): string =>
  join(conformanceFolder, (programs[name] as Program).folder ?? name);

/**
 * Version of a module as the go.mod of a program pins it.
 * @throws when the file does not name the module
 */
export function pinnedVersion(name: ProgramName, module: string = programs[name].module): string {
  const file = join(programFolder(name), "go.mod");
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [path, version] = line
      .replace(/^require /, "")
      .trim()
      .split(" ");
    if (path === module && version !== undefined) return version;
  }
  throw new Error(`${file} does not pin ${module}`);
}
