// Upgrading a running cluster: Talos node by node (`talosctl upgrade`), Kubernetes as a whole (`talosctl upgrade-k8s`).
import { simulatedNow } from "../clock.ts";
import { reconcileLinstor } from "../linstor/operator.ts";
import type { Rack } from "../store.ts";
import { clusterOf, hasQuorum, liveMembers, nodesOf } from "./cluster.ts";
import { schematicOfImage, talosVersions } from "./image-factory.ts";
import { type Installation, install, installAndStart, REBOOT_MS, type TalosNode } from "./nodes.ts";
import { noteRestart, takeTrouble } from "./restarts.ts";

/** Pulling the installer and writing it to the other half of the disk. */
const WRITE_MS = 30_000;
/** One component of Kubernetes on one node. */
const COMPONENT_MS = 10_000;

/** What Talos or the API server answers to somebody who may not do this. */
class UpgradeRefused extends Error {}

const minorOf = (version: string): number => Number(/^v?1\.(\d+)\./.exec(version)?.[1] ?? Number.NaN);

function requireQuorumWithout(rack: Rack, node: TalosNode): void {
  const cluster = clusterOf(rack, node);
  if (cluster === undefined || node.config?.type !== "controlplane" || cluster.members.length < 2) return;
  const others = liveMembers(rack, cluster).filter(({ machine }) => machine.id !== node.machine.id);
  if (others.length * 2 > cluster.members.length) return;
  throw new UpgradeRefused(
    `rpc error: code = FailedPrecondition desc = failed to validate etcd for upgrade: ${others.length} of ${cluster.members.length} members would be left, which is no quorum`,
  );
}

/** Installs another image on a running node and restarts it: it is away until `REBOOT_MS` later. */
export function upgradeTalos(rack: Rack, node: TalosNode, image: string): void {
  const { installation } = node;
  if (node.stage !== "running" || installation === undefined)
    throw new UpgradeRefused("rpc error: code = Unavailable desc = node is not running");
  const target = schematicOfImage(rack, image);
  if (target.problem !== undefined) throw new UpgradeRefused(`error pulling upgrade image: ${target.problem}`);
  if (!talosVersions.includes(target.version))
    throw new UpgradeRefused(
      `error pulling upgrade image: failed to resolve reference "${image}": ${image}: not found`,
    );
  const [from, to] = [minorOf(installation.version), minorOf(target.version)];
  if (to < from || to > from + 1) {
    throw new UpgradeRefused(
      `error during upgrade: host version ${installation.version.slice(1)} is too ${to < from ? "new" : "old"} to upgrade to Talos ${target.version.slice(1)}`,
    );
  }
  requireQuorumWithout(rack, node);
  const runsFrom = simulatedNow(rack) + WRITE_MS + REBOOT_MS;
  restart(rack, node, `upgrade from ${installation.version} to ${target.version}`, runsFrom, {
    ...installation,
    version: target.version,
    schematic: target.schematic,
    platform: target.platform,
    secureBoot: target.secureBoot,
  });
}

/** Restarts a node as it is. */
export function reboot(rack: Rack, node: TalosNode): void {
  const { installation } = node;
  if (installation === undefined) return;
  requireQuorumWithout(rack, node);
  const { staged, ...rest } = installation;
  restart(rack, node, "reboot", simulatedNow(rack) + REBOOT_MS, {
    ...rest,
    configuration: staged ?? rest.configuration,
  });
}

function restart(rack: Rack, node: TalosNode, reason: string, runsFrom: number, installation: Installation): void {
  const { kubeletProblem: _, ...healthy } = installation;
  const trouble = takeTrouble(rack, node.hostname);
  installAndStart(rack, node.machine, {
    ...(trouble === "falls-back" && node.installation !== undefined ? node.installation : healthy),
    runsFrom,
    restarts: (installation.restarts ?? 0) + 1,
    ...(trouble === undefined || trouble === "falls-back" ? {} : { kubeletProblem: trouble.problem }),
  });
  noteRestart(rack, node, reason, simulatedNow(rack), runsFrom);
  const cluster = clusterOf(rack, node);
  // What its replicas are missed for is seen at once.
  if (cluster !== undefined) reconcileLinstor({ rack, cluster });
}

const images = /((?:ghcr\.io\/siderolabs\/kubelet|registry\.k8s\.io\/kube-[a-z-]+):)v[\w.+-]+/g;

/** Raises Kubernetes on all nodes of a cluster, one after the other; returns how long it takes in simulated milliseconds. */
export function upgradeKubernetes(rack: Rack, asked: TalosNode, version: string): number {
  const cluster = clusterOf(rack, asked);
  if (cluster === undefined || !hasQuorum(rack, cluster))
    throw new UpgradeRefused('error detecting version: Get "https://127.0.0.1:6443": connection refused');
  const nodes = nodesOf(rack, cluster);
  const down = nodes.find(({ stage }) => stage !== "running");
  if (down !== undefined) throw new UpgradeRefused(`error discovering nodes: ${down.hostname} does not answer`);
  const steps = nodes.filter(({ config }) => config?.kubernetesVersion !== version);
  for (const { config } of steps) {
    const [from, to] = [minorOf(config?.kubernetesVersion ?? ""), minorOf(version)];
    if (to < from || to > from + 1)
      throw new UpgradeRefused(
        `unsupported upgrade path ${config?.kubernetesVersion} -> ${version} (from "${config?.kubernetesVersion}" to "${version}")`,
      );
  }
  for (const { installation, machine } of steps) {
    if (installation === undefined) continue;
    const configuration = installation.configuration.replaceAll(images, `$1${version}`);
    install(rack, machine, { ...installation, configuration });
  }
  return steps.length * COMPONENT_MS;
}
