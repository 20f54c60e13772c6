// A kubeconfig as Talos hands it out names the endpoint only; behind a jump host or a gateway a client also needs to know the way.
import { parse, stringify } from "yaml";

/** The same kubeconfig with every cluster reached through `proxyUrl` (`http`, `https` or `socks5`). */
export function kubeconfigThrough(proxyUrl: string, kubeconfig: string): string {
  const config = parse(kubeconfig) as { clusters?: { cluster?: Record<string, unknown> }[] } | null;
  if (!Array.isArray(config?.clusters))
    throw new Error("kubeconfig without clusters: the node answered with something else");
  return stringify(
    {
      ...config,
      clusters: config.clusters.map((entry) => ({ ...entry, cluster: { ...entry.cluster, "proxy-url": proxyUrl } })),
    },
    { lineWidth: 0 },
  );
}
