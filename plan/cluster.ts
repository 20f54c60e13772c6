// The Talos and Kubernetes cluster as a whole: endpoint, certificates, ranges, versions, image.
import { readDiskEncryption } from "./disk-encryption.ts";
import type { Draft } from "./draft.ts";
import { bootKernelArgs } from "./first-boot.ts";
import { planIngress } from "./ingress.ts";
import { formatAddress, formatPrefix, overlaps, type Prefix, rangeOf, supernetOf } from "./ipv4.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { CiliumPlan, ClusterPlan, ImagePlan, NodePlan } from "./plan.ts";
import type { PodPrefixes } from "./pod-prefixes.ts";
import { planShutdown, readShutdown } from "./shutdown.ts";
import { extensions } from "./versions.ts";
import { checkZones } from "./zones.ts";

/** KubePrism, Talos's local API balancer. */
const apiPort = 7445;
const releasePattern = /^v\d+\.\d+\.\d+(-[0-9a-z.]+)?$/;
/** Talos 1.n runs the six Kubernetes minors up to 1.(n + 23) (siderolabs/talos, pkg/machinery/compatibility: 1.10 to 1.13; `upgrade-k8s` refuses others). */
const newestKubernetes = 23;
const kubernetesMinors = 6;

/** Checks quorum, endpoint, ranges and versions; claims a shared address. */
export function readCluster(draft: Draft, pods: PodPrefixes): void {
  const { env } = draft;
  const controlPlanes = Object.values(env.nodes).filter((node) => node.role === "controlplane").length;
  if (controlPlanes === 0)
    draft.error(
      "no-control-plane",
      "nodes",
      "no node has role: controlplane; a cluster needs at least one, better three",
    );
  else if (controlPlanes % 2 === 0) {
    draft.error(
      "control-planes-even",
      "nodes",
      `${controlPlanes} control planes survive no more failures than ${controlPlanes - 1}; use an odd number (1, 3, 5)`,
    );
  } else if (controlPlanes === 1)
    draft.warn(
      "control-plane-single",
      "nodes",
      "one control plane: when it is down, so is the Kubernetes API; three survive one failure",
    );
  checkZones(draft);
  const { endpoint } = env.cluster;
  if (endpoint.mode === "direct") {
    if (draft.known("node", endpoint.node, env.nodes, "cluster.endpoint.node")) {
      if (env.nodes[endpoint.node]?.role !== "controlplane")
        draft.error(
          "endpoint-not-control-plane",
          "cluster.endpoint.node",
          `${endpoint.node} is a worker; the API runs on control planes only, name one of them`,
        );
      else if (controlPlanes > 1) {
        draft.warn(
          "endpoint-single-point",
          "cluster.endpoint",
          `the API is reached by ${endpoint.node} only: when it is down nobody gets in although ${controlPlanes} could answer; use { mode: vip, address: … }`,
        );
      }
    }
  } else
    draft.claimOn(
      env.roles.management,
      endpoint.address,
      "the Kubernetes API (shared address)",
      "cluster.endpoint.address",
    );
  checkVersions(draft);
  readDiskEncryption(draft);
  readShutdown(draft);
  const services = draft.prefix(env.cluster.servicePrefix, "cluster.servicePrefix");
  if (services !== undefined) checkServicePrefix(draft, services, pods);
}

function checkVersions(draft: Draft): void {
  const { talos, kubernetes } = draft.env.versions;
  for (const [what, version] of Object.entries({ talos, kubernetes })) {
    if (!releasePattern.test(version)) {
      draft.error("version-invalid", `versions.${what}`, `"${version}" is no release; write it like v1.13.0`);
    }
  }
  const [talosMinor, minor] = [talos, kubernetes].map((version) => Number(/^v1\.(\d+)\./.exec(version)?.[1]));
  if (talosMinor === undefined || minor === undefined || Number.isNaN(talosMinor + minor)) return;
  const newest = talosMinor + newestKubernetes;
  const oldest = newest - kubernetesMinors + 1;
  if (minor < oldest || minor > newest) {
    draft.error(
      "kubernetes-unsupported",
      "versions.kubernetes",
      `Talos ${talos} runs Kubernetes 1.${oldest} to 1.${newest} and would never upgrade to ${kubernetes}; choose one of those or another Talos`,
    );
  }
}

function checkServicePrefix(draft: Draft, services: Prefix, pods: PodPrefixes): void {
  const others: [string, Prefix][] = [
    ...[...draft.vlans.values()].map((vlan): [string, Prefix] => [`VLAN ${vlan.name}`, vlan.prefix]),
    ...[...pods].map(([node, prefix]): [string, Prefix] => [`the pods of ${node}`, prefix]),
  ];
  for (const [what, prefix] of others) {
    if (overlaps(rangeOf(services), rangeOf(prefix))) {
      draft.error(
        "service-prefix-overlap",
        "cluster.servicePrefix",
        `${formatPrefix(services)} overlaps ${what} (${formatPrefix(prefix)}); service addresses must be used nowhere else`,
      );
    }
  }
}

/** The cluster as the Plan shows it. */
export function planCluster(draft: Draft, nodes: readonly NodePlan[]): ClusterPlan {
  const { env } = draft;
  const { endpoint } = env.cluster;
  const controlPlanes = nodes.filter((node) => node.role === "controlplane");
  const bootstrapNode =
    (endpoint.mode === "direct" ? controlPlanes.find((n) => n.name === endpoint.node) : undefined) ?? controlPlanes[0];
  const address =
    endpoint.mode === "vip" ? endpoint.address : (env.nodes[endpoint.node]?.addresses[env.roles.management] ?? "");
  const fqdn = `k8s-api.${env.dns.zone}`;
  const sans = [
    fqdn,
    address,
    ...controlPlanes.flatMap((node) => [node.fqdn, node.managementAddress, node.nodeAddress]),
  ];
  const prefixOf = (vlan: string): string => {
    const found = draft.vlans.get(vlan);
    return found === undefined ? "" : formatPrefix(found.prefix);
  };
  const ingress = planIngress(draft, nodes);
  const shutdown = planShutdown(draft);
  const managementIndex = nodes[0]?.interfaces.find((link) =>
    link.addresses.some((a) => a.startsWith(`${nodes[0]?.managementAddress}/`)),
  );
  return {
    name: env.name,
    talosVersion: env.versions.talos,
    kubernetesVersion: env.versions.kubernetes,
    endpoint: `https://${address}:6443`,
    endpointAddress: address,
    endpointFqdn: fqdn,
    ...(endpoint.mode === "vip" ? { vip: endpoint.address } : {}),
    vipInterface: managementIndex?.name ?? "eth0",
    bootstrapNode: bootstrapNode?.name ?? "",
    certSans: [...new Set(sans)].filter((san) => san !== "").sort(compareText),
    podPrefixes: nodes.map((node) => node.podPrefix),
    servicePrefix: env.cluster.servicePrefix,
    etcdPrefix: prefixOf(env.roles.management),
    nodePrefix: prefixOf(env.roles.nodes),
    maxPodsPerNode: env.cluster.maxPodsPerNode,
    workloadsOnControlPlanes: env.cluster.workloadsOnControlPlanes,
    dnsServers: env.dns.servers,
    ntpServers: env.ntp,
    zone: env.dns.zone,
    ...(ingress === undefined ? {} : { ingress }),
    ...(shutdown === undefined ? {} : { shutdown }),
    kernelModules: [
      ...(env.linstor === undefined
        ? []
        : [
            // usermode_helper=disabled: Talos has no drbdadm for the kernel to call (piraeus guide for Talos).
            { name: "drbd", parameters: ["usermode_helper=disabled"] },
            { name: "drbd_transport_tcp", parameters: [] },
          ]),
      ...(env.usb4Ring === undefined || env.platform !== "metal"
        ? []
        : ["thunderbolt", "thunderbolt_net"].map((name) => ({ name, parameters: [] }))),
    ],
  };
}

/** The image: extensions follow from what the description uses. */
export function planImage(draft: Draft): ImagePlan {
  const { env } = draft;
  const metal = env.platform === "metal";
  const ring = metal && env.usb4Ring !== undefined;
  return {
    talosVersion: env.versions.talos,
    platform: metal ? "metal" : "nocloud",
    extensions: [
      ...(metal ? [extensions.intelMicrocode] : [extensions.guestAgent]),
      ...(env.linstor === undefined ? [] : [extensions.drbd]),
      ...(ring ? [extensions.thunderbolt] : []),
    ].sort(compareText),
    // Without host_reset=0 the MS-01 does not enumerate its peers after a warm boot.
    bootKernelArgs: bootKernelArgs(draft),
    extraKernelArgs: ring ? ["intel_iommu=on", "iommu=pt", "thunderbolt.host_reset=0"] : [],
    architecture: "amd64",
    secureBoot: env.talos.secureBoot,
  };
}

/** Cilium: native routing over the nodes VLAN. */
export function planCilium(draft: Draft, nodes: readonly NodePlan[], pods: PodPrefixes): CiliumPlan {
  const vlan = draft.vlans.get(draft.env.roles.nodes);
  const prefixes = sortedEntries(Object.fromEntries(pods)).map(([, prefix]) => prefix);
  const inside = prefixes.length === 0 ? [] : [supernetOf([...prefixes, ...(vlan === undefined ? [] : [vlan.prefix])])];
  const linkOf = (address: string): string =>
    nodes[0]?.interfaces.find((link) => link.addresses.some((a) => a.startsWith(`${address}/`)))?.name ?? "eth0";
  const services = draft.env.nodes[nodes[0]?.name ?? ""]?.addresses[draft.env.roles.loadBalancer] ?? "";
  const devices = [nodes[0]?.managementAddress ?? "", nodes[0]?.nodeAddress ?? "", services].map(linkOf);
  return {
    podPrefixes: nodes.map((node) => node.podPrefix),
    nativeRoutingPrefix: inside[0] === undefined ? formatAddress(0) : formatPrefix(inside[0]),
    devices: [...new Set(devices)],
    directRoutingDevice: devices[1] ?? "eth0",
    apiPort,
    masquerade: vlan?.gateway === undefined,
  };
}
