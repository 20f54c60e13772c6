// The way to the API server: does it answer, is it the right one, does it know the client.
import { parse } from "yaml";
import { NotYet } from "../../plugin/contract.ts";
import { calendar, jumpTo, simulatedNow } from "../clock.ts";
import type { Rack } from "../store.ts";
import { endOf, isIssuedBy } from "../talos/certificate.ts";
import { apiServerReadyAt, type Cluster, hasQuorum, listClusters, nodesOf } from "../talos/cluster.ts";
import { listNodes, type TalosNode } from "../talos/nodes.ts";
import { operatorReaches, ports } from "../talos/reach.ts";
import { type Api, ApiError } from "./objects.ts";

/** The parts of a kubeconfig that count. */
interface Access {
  readonly server: string;
  readonly proxyUrl: string | undefined;
  /** PEM. */
  readonly authority: string;
  readonly clientCertificate: string;
}

interface KubeconfigFile {
  "current-context"?: string;
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  clusters?: { name: string; cluster: Record<string, string> }[];
  users?: { name: string; user: Record<string, string> }[];
}

function text(base64: string | undefined): string {
  return Buffer.from(base64 ?? "", "base64").toString("utf8");
}

/** Reads the current context of a kubeconfig. */
export function readKubeconfig(kubeconfig: string): Access {
  const file = parse(kubeconfig) as KubeconfigFile | null;
  const context = file?.contexts?.find(({ name }) => name === file["current-context"])?.context;
  const cluster = file?.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = file?.users?.find(({ name }) => name === context?.user)?.user;
  if (!cluster || !user)
    throw new Error("invalid kubeconfig: its current context names no cluster and user that it contains");
  return {
    server: cluster["server"] ?? "",
    proxyUrl: cluster["proxy-url"],
    authority: text(cluster["certificate-authority-data"]),
    clientCertificate: text(user["client-certificate-data"]),
  };
}

/** How long the official provider waits for an API server before it gives up. */
const UNREACHABLE_SEC = 60;

function unreachable(server: string, why: string): NotYet {
  const { host } = new URL(server);
  return new NotYet(
    `configured Kubernetes cluster is unreachable: unable to load schema information from the API server: Get "${server}/openapi/v2": dial tcp ${host}: connect: ${why}`,
    UNREACHABLE_SEC,
  );
}

/** The control plane that answers at an address: its own, or a shared one. */
function controlPlaneAt(rack: Rack, address: string): TalosNode | undefined {
  const running = listNodes(rack).filter(({ stage, config }) => stage === "running" && config?.type === "controlplane");
  return (
    running.find((node) => node.addresses.includes(address)) ??
    running.find(({ config }) => config?.vips.some((vip) => vip.address === address))
  );
}

function clusterAt(rack: Rack, server: string): Cluster {
  const address = new URL(server).hostname;
  const clusters = listClusters(rack);
  const named = clusters.find((cluster) =>
    nodesOf(rack, cluster).some(({ config }) => config?.apiNames.includes(address)),
  );
  const isName = !/^[\d.]+$/.test(address);
  const node = isName ? undefined : controlPlaneAt(rack, address);
  if (!isName && (!node || !operatorReaches(rack, node, address, ports.kubernetesApi)))
    throw unreachable(server, "no route to host");
  const cluster = clusters.find(({ id }) => id === node?.config?.clusterId) ?? (isName ? named : undefined);
  if (!cluster) throw unreachable(server, "connection refused");
  return cluster;
}

/** Connects as the Kubernetes client library does. Throws in its words. */
export function connect(rack: Rack, kubeconfig: string): Api {
  const access = readKubeconfig(kubeconfig);
  const cluster = clusterAt(rack, access.server);
  jumpTo(rack, apiServerReadyAt(cluster));
  if (simulatedNow(rack) < apiServerReadyAt(cluster)) throw unreachable(access.server, "connection refused");
  if (access.authority.trim() !== cluster.authority.cert.trim()) {
    throw new ApiError(
      0,
      `Get "${access.server}/api": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    );
  }
  const isTrusted =
    isIssuedBy(access.clientCertificate, cluster.authority.cert) && endOf(access.clientCertificate) > calendar(rack);
  if (!isTrusted) throw new ApiError(401, "the server has asked for the client to provide credentials (Unauthorized)");
  if (!hasQuorum(rack, cluster))
    throw new NotYet("etcdserver: request timed out (etcd has no quorum)", UNREACHABLE_SEC);
  return { rack, cluster };
}
