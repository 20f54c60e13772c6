// Every chart and image the program installs, pinned once. Talos and Kubernetes stand in the environment file: raising them is an upgrade.

/** A Helm chart. */
export interface ChartVersion {
  /** Name in the repository, or where it lies in an OCI registry (`oci://…`). */
  readonly chart: string;
  /** Absent: the chart lies in an OCI registry. */
  readonly repository?: string;
  readonly version: string;
}

/** Charts by what they install. */
export const charts = {
  // renovate: datasource=helm depName=cilium registryUrl=https://helm.cilium.io
  cilium: { chart: "cilium", repository: "https://helm.cilium.io/", version: "1.19.3" },
  // renovate: datasource=helm depName=metallb registryUrl=https://metallb.github.io/metallb
  metallb: { chart: "metallb", repository: "https://metallb.github.io/metallb", version: "0.16.1" },
  // renovate: datasource=helm depName=ceph-csi-rbd registryUrl=https://ceph.github.io/csi-charts
  cephCsi: { chart: "ceph-csi-rbd", repository: "https://ceph.github.io/csi-charts", version: "3.15.0" },
  // renovate: datasource=docker depName=ghcr.io/piraeusdatastore/piraeus-operator/piraeus
  piraeus: { chart: "oci://ghcr.io/piraeusdatastore/piraeus-operator/piraeus", version: "2.10.6" },
  // renovate: datasource=helm depName=traefik registryUrl=https://traefik.github.io/charts
  traefik: { chart: "traefik", repository: "https://traefik.github.io/charts", version: "37.1.0" },
  // renovate: datasource=helm depName=kubernetes-dashboard registryUrl=https://kubernetes.github.io/dashboard
  dashboard: {
    chart: "kubernetes-dashboard",
    repository: "https://kubernetes.github.io/dashboard/",
    version: "7.13.0",
  },
  // renovate: datasource=helm depName=kube-prometheus-stack registryUrl=https://prometheus-community.github.io/helm-charts
  monitoring: {
    chart: "kube-prometheus-stack",
    repository: "https://prometheus-community.github.io/helm-charts",
    version: "77.0.0",
  },
} as const satisfies Record<string, ChartVersion>;

/** Container images that no chart brings. */
export const images = {
  // renovate: datasource=docker depName=caddy
  caddy: "docker.io/library/caddy:2.10.2",
  // renovate: datasource=docker depName=busybox
  busybox: "docker.io/library/busybox:1.37.0",
  // The controller's own image holds the command line too; a node that runs the controller has it already.
  // renovate: datasource=docker depName=quay.io/piraeusdatastore/piraeus-server
  linstorClient: "quay.io/piraeusdatastore/piraeus-server:v1.29.1",
} as const;

/** Talos system extensions by what they are for; versions follow the Talos release through the image factory. */
export const extensions = {
  guestAgent: "siderolabs/qemu-guest-agent",
  drbd: "siderolabs/drbd",
  thunderbolt: "siderolabs/thunderbolt",
  intelMicrocode: "siderolabs/intel-ucode",
} as const;
