// Asks Talos's own code (main.go beside this file) what it makes of the configurations of a plan.
import { spawnSync } from "node:child_process";
import {
  renderInstallPatch,
  renderMachineConfigPatch,
  renderPassphrasePatch,
} from "../../components/machine-config.ts";
import type { DiskProperties, IngressRulePlan, Plan, RoutePlan } from "../../plan/plan.ts";
import { installerName } from "../../plan/schematic.ts";

/** What is patched into the configuration of each node. */
export interface NodePatches {
  readonly name: string;
  readonly role: string;
  readonly platform: string;
  readonly patches: readonly string[];
  /** What the machine has to be installed on. */
  readonly disks: readonly (DiskProperties & { readonly device: string; readonly sizeGiB: number })[];
}

/** A link as Talos reads it. A renamed USB4 link is an ethernet link with an alias. */
export interface LinkView {
  readonly name: string;
  readonly kind: "ethernet" | "bond" | "vlan" | "dummy";
  readonly mtu: number;
  readonly addresses: readonly string[];
  readonly routes: readonly RoutePlan[];
  readonly members?: readonly string[];
  readonly mode?: string;
  readonly xmitHashPolicy?: string;
  readonly lacpRate?: string;
  readonly parent?: string;
  readonly vlanId?: number;
  /** It is to be down. */
  readonly isIdle?: boolean;
}

/** A configuration as Talos reads it. */
export interface ConfigurationView {
  readonly hostname: string;
  readonly autoHostname: string;
  readonly interfaces: readonly LinkView[];
  /** Alias to the expression that picks its link. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly routingRules: readonly unknown[];
  /** Shared address to its link. */
  readonly virtualIps: Readonly<Record<string, string>>;
  readonly runsDhcp: boolean;
  readonly nameservers: readonly string[];
  readonly searchDomains: readonly string[];
  readonly timeServers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly clusterName: string;
  readonly endpoint: string;
  readonly podSubnets: readonly string[];
  readonly serviceSubnets: readonly string[];
  readonly cni: string;
  readonly installDisk: string;
  /** Disks that fit the disk selector. */
  readonly installMatches: readonly string[];
  /** What the firewall lets in; null: everything. */
  readonly ingress: readonly Pick<IngressRulePlan, "protocol" | "ports" | "from">[] | null;
  /** Kinds of keys by encrypted volume. */
  readonly encryption: Readonly<Record<string, readonly string[]>>;
  readonly installImage: string;
  readonly kernelModules: readonly string[];
  /** What the kubelet may take as the node's address. */
  readonly nodeAddresses: readonly string[];
  /** What etcd may advertise; empty on a worker. */
  readonly etcdAddresses: readonly string[];
  readonly proxyDisabled: boolean;
  readonly apiCertSans: readonly string[];
  /** The kubelet's settings beside its defaults. */
  readonly kubeletConfig: { readonly maxPods?: number; readonly shutdownGracePeriod?: string };
  /** Control planes keep no workload away. */
  readonly workloadsAnywhere: boolean;
  /** Flags of the controller manager beside or instead of Talos's own; none on a worker. */
  readonly controllerManagerArgs: Readonly<Record<string, readonly string[]>> | null;
  /** Configuration of the API server's admission plugins, by name; empty on a worker. */
  readonly admission: Readonly<Record<string, object>>;
}

/** What Talos says of one node; without errors there is a view. */
export interface NodeJudgement {
  readonly name: string;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly view?: ConfigurationView;
}

/** Any installer will do: Talos checks its form only. */
const installerOf = (plan: Plan): string =>
  `factory.talos.dev/${installerName(plan.image)}/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:${plan.image.talosVersion}`;

const disksOf = (plan: Plan, host: string): NodePatches["disks"] =>
  (plan.hardware.hosts.find(({ name }) => name === host)?.disks ?? []).map(({ name: _, use: __, ...disk }) => disk);

/** The patches that the program sends to the nodes of a plan. */
export function patchesOf(plan: Plan): NodePatches[] {
  return plan.nodes.map((node) => ({
    name: node.name,
    role: node.role,
    platform: plan.image.platform,
    patches: [
      renderMachineConfigPatch({ cluster: plan.cluster, node, kubePrismPort: plan.cilium.apiPort }),
      renderInstallPatch(node, installerOf(plan)),
      ...(Object.values(node.encryption).includes("static")
        ? [renderPassphrasePatch(node.encryption, "a passphrase")]
        : []),
    ],
    disks: disksOf(plan, node.host),
  }));
}

/**
 * Runs the judge.
 * @param program path of the built conformance/talos
 */
export function judgeNodes(
  program: string,
  plan: Plan,
  nodes: readonly NodePatches[] = patchesOf(plan),
): NodeJudgement[] {
  const { name: clusterName, endpoint, talosVersion, kubernetesVersion } = plan.cluster;
  const input = JSON.stringify({ clusterName, endpoint, talosVersion, kubernetesVersion, nodes });
  const result = spawnSync(program, { input, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`the Talos judge broke off: ${result.error?.message ?? result.stderr}`);
  return JSON.parse(result.stdout);
}
