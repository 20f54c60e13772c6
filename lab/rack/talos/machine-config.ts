// What a machine configuration means: the values that Talos acts on, and the mistakes it refuses.
import { checkDecoding, type Fields, isFields, type Node, parseDocuments } from "./config-documents.ts";
import { checkConfiguration } from "./config-validation.ts";
import type { IngressFirewall } from "./ingress.ts";
import { decode } from "./secrets.ts";

/** A network link with the addresses it is given, with prefix length. */
interface LinkSettings {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly mtu?: number;
}

/** The part of a configuration that the simulation acts on. */
export interface MachineConfig {
  readonly type: "controlplane" | "worker";
  /** Absent: Talos makes one up. */
  readonly hostname?: string;
  readonly clusterName: string;
  readonly clusterId: string;
  /** `https://host:port`. */
  readonly endpoint: string;
  /** PEM. */
  readonly osAuthority: string;
  readonly kubernetesAuthority: { readonly cert: string; readonly key: string };
  readonly bootstrapToken: string;
  readonly installImage: string;
  readonly installDisk: string | undefined;
  /** Has priority over the path. */
  readonly installSelector?: Readonly<Record<string, string>>;
  /** Encrypted volumes of the system disk, and whether a key in the TPM asks for secure boot. */
  readonly encryption: Readonly<Record<string, { readonly tpmChecksSecureBoot: boolean }>>;
  /** Absent: everything is let in. */
  readonly ingress?: IngressFirewall;
  /** With its `v`. */
  readonly kubernetesVersion: string;
  readonly links: readonly LinkSettings[];
  /** Routes of the main table that are not the default route. */
  readonly routes: readonly { readonly destination: string; readonly gateway?: string }[];
  /** Shared addresses (Layer2VIPConfig). */
  readonly vips: readonly { readonly address: string; readonly link: string }[];
  readonly nodeIpSubnets: readonly string[];
  readonly etcdSubnets: readonly string[];
  readonly podSubnets: readonly string[];
  readonly serviceSubnets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly modules: readonly { readonly name: string; readonly parameters: readonly string[] }[];
  /** `flannel` unless told otherwise; `none` leaves pods without a network. */
  readonly cni: string;
  readonly kubeProxy: boolean;
  readonly workloadsOnControlPlanes: boolean;
  /** Whether the controller manager gives nodes a pod range. */
  readonly allocatesNodeRanges: boolean;
  /** Pod security level of namespaces that name none. */
  readonly podSecurity: string;
  readonly maxPods: number;
  /** Names the API server's certificate carries. */
  readonly apiNames: readonly string[];
  /** What programs in the cluster may ask of Talos. */
  readonly talosApiAccess?: TalosApiAccess;
}

/** `machine.features.kubernetesTalosAPIAccess`. */
export interface TalosApiAccess {
  readonly roles: readonly string[];
  readonly namespaces: readonly string[];
}

function at(fields: Node | undefined, path: string): Node | undefined {
  return path.split(".").reduce<Node | undefined>((value, key) => (isFields(value) ? value[key] : undefined), fields);
}

function textAt(fields: Node | undefined, path: string): string | undefined {
  const value = at(fields, path);
  return value === undefined || value === null ? undefined : String(value);
}

function listAt(fields: Node | undefined, path: string): Node[] {
  const value = at(fields, path);
  return Array.isArray(value) ? value : [];
}

function textsAt(fields: Node | undefined, path: string): string[] {
  return listAt(fields, path).map(String);
}

function mapAt(fields: Node | undefined, path: string): Record<string, string> {
  const value = at(fields, path);
  return isFields(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)])) : {};
}

function linksOf(documents: readonly Fields[], main: Fields): LinkSettings[] {
  const kinds = new Set(["LinkConfig", "BondConfig", "VLANConfig", "BridgeConfig", "DummyLinkConfig"]);
  const links = documents.filter((document) => kinds.has(String(document["kind"])));
  const fromDocuments = links.map((document) => ({
    name: String(document["name"]),
    addresses: listAt(document, "addresses").map((item) => textAt(item, "address") ?? ""),
    ...(typeof document["mtu"] === "number" ? { mtu: document["mtu"] } : {}),
  }));
  const fromMain = listAt(main, "machine.network.interfaces").map((item) => ({
    name: textAt(item, "interface") ?? "",
    addresses: textsAt(item, "addresses"),
  }));
  return [...fromDocuments, ...fromMain];
}

function routesOf(documents: readonly Fields[]): MachineConfig["routes"] {
  return documents
    .flatMap((document) => listAt(document, "routes"))
    .filter(
      (route) =>
        textAt(route, "destination") !== undefined && ["main", "254", undefined].includes(textAt(route, "table")),
    )
    .map((route) => {
      const gateway = textAt(route, "gateway");
      return { destination: textAt(route, "destination") ?? "", ...(gateway === undefined ? {} : { gateway }) };
    });
}

function encryptionOf(documents: readonly Fields[]): MachineConfig["encryption"] {
  const encrypted = documents.filter(
    (document) => document["kind"] === "VolumeConfig" && textAt(document, "encryption.provider") === "luks2",
  );
  const checks = (key: Node) => at(isFields(key) ? key : undefined, "tpm.checkSecurebootStatusOnEnroll") === true;
  return Object.fromEntries(
    encrypted.map((document) => [
      String(document["name"]),
      { tpmChecksSecureBoot: listAt(document, "encryption.keys").some(checks) },
    ]),
  );
}

function ingressOf(documents: readonly Fields[]): Pick<MachineConfig, "ingress"> {
  const standard = documents.find((document) => document["kind"] === "NetworkDefaultActionConfig");
  const rules = documents.filter((document) => document["kind"] === "NetworkRuleConfig");
  if (standard === undefined && rules.length === 0) return {};
  return {
    ingress: {
      blocks: standard?.["ingress"] === "block",
      rules: rules.map((rule) => ({
        protocol: textAt(rule, "portSelector.protocol") ?? "",
        ports: textsAt(rule, "portSelector.ports").map((text) => {
          const [from, to = from] = text.split("-").map(Number);
          return [from ?? 0, to ?? 0] as const;
        }),
        subnets: listAt(rule, "ingress").flatMap((item) => textAt(item, "subnet") ?? []),
        except: listAt(rule, "ingress").flatMap((item) => textAt(item, "except") ?? []),
      })),
    },
  };
}

function podSecurityOf(main: Fields): string {
  const plugins = listAt(main, "cluster.apiServer.admissionControl");
  return (
    textAt(
      plugins.find((plugin) => textAt(plugin, "name") === "PodSecurity"),
      "configuration.defaults.enforce",
    ) ?? "privileged"
  );
}

const accessPath = "machine.features.kubernetesTalosAPIAccess";

function versionOf(image: string): string {
  return image.slice(image.lastIndexOf(":") + 1);
}

/** Reads a configuration as a node does when it is sent one. Throws what Talos answers to one it refuses. */
export function readMachineConfig(text: string): MachineConfig {
  const documents = parseDocuments(text);
  checkDecoding(documents);
  checkConfiguration(documents);
  const main = documents.find((document) => document["kind"] === undefined) ?? {};
  const hostname = documents.find((document) => document["kind"] === "HostnameConfig");
  const named = textAt(hostname, "hostname") ?? textAt(main, "machine.network.hostname");
  const endpoint = textAt(main, "cluster.controlPlane.endpoint") ?? "";
  return {
    type: textAt(main, "machine.type") === "controlplane" ? "controlplane" : "worker",
    ...(named === undefined ? {} : { hostname: named }),
    clusterName: textAt(main, "cluster.clusterName") ?? "",
    clusterId: textAt(main, "cluster.id") ?? "",
    endpoint,
    osAuthority: decode(textAt(main, "machine.ca.crt") ?? ""),
    kubernetesAuthority: {
      cert: decode(textAt(main, "cluster.ca.crt") ?? ""),
      key: decode(textAt(main, "cluster.ca.key") ?? ""),
    },
    bootstrapToken: textAt(main, "cluster.token") ?? "",
    installImage: textAt(main, "machine.install.image") ?? "",
    installDisk: textAt(main, "machine.install.disk"),
    ...(isFields(at(main, "machine.install.diskSelector"))
      ? { installSelector: mapAt(main, "machine.install.diskSelector") }
      : {}),
    encryption: encryptionOf(documents),
    ...ingressOf(documents),
    kubernetesVersion: versionOf(textAt(main, "machine.kubelet.image") ?? ""),
    links: linksOf(documents, main),
    routes: routesOf(documents),
    vips: documents
      .filter((document) => document["kind"] === "Layer2VIPConfig")
      .map((document) => ({ address: String(document["name"]), link: String(document["link"]) })),
    nodeIpSubnets: textsAt(main, "machine.kubelet.nodeIP.validSubnets"),
    etcdSubnets: textsAt(main, "cluster.etcd.advertisedSubnets"),
    podSubnets: textsAt(main, "cluster.network.podSubnets"),
    serviceSubnets: textsAt(main, "cluster.network.serviceSubnets"),
    labels: mapAt(main, "machine.nodeLabels"),
    annotations: mapAt(main, "machine.nodeAnnotations"),
    modules: listAt(main, "machine.kernel.modules").map((item) => ({
      name: textAt(item, "name") ?? "",
      parameters: textsAt(item, "parameters"),
    })),
    cni: textAt(main, "cluster.network.cni.name") ?? "flannel",
    kubeProxy: at(main, "cluster.proxy.disabled") !== true,
    workloadsOnControlPlanes: at(main, "cluster.allowSchedulingOnControlPlanes") === true,
    allocatesNodeRanges: textAt(main, "cluster.controllerManager.extraArgs.allocate-node-cidrs") !== "false",
    podSecurity: podSecurityOf(main),
    maxPods: Number(at(main, "machine.kubelet.extraConfig.maxPods") ?? 110),
    ...(at(main, `${accessPath}.enabled`) === true
      ? {
          talosApiAccess: {
            roles: textsAt(main, `${accessPath}.allowedRoles`),
            namespaces: textsAt(main, `${accessPath}.allowedKubernetesNamespaces`),
          },
        }
      : {}),
    apiNames: [
      URL.canParse(endpoint) ? new URL(endpoint).hostname : "",
      ...textsAt(main, "cluster.apiServer.certSANs"),
    ],
  };
}
