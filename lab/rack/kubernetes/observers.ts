// What programs in the cluster that look at every node find unreachable on it: nothing stops for that, and nobody learns of it otherwise.
import { answersTo, letsIn } from "../talos/ingress.ts";
import type { ClusterNode } from "./cluster-nodes.ts";
import { podAddressOn } from "./node-ports.ts";
import type { Api } from "./objects.ts";
import type { Pod } from "./pods.ts";

/** Where each agent of Cilium asks the others how they are. */
const HEALTH_PORT = 4240;

/** What Prometheus asks of every node's own ports, by the pods that answer there. */
const METRICS = [
  { port: 9100, label: "app.kubernetes.io/name", value: "prometheus-node-exporter" },
  { port: 9962, label: "k8s-app", value: "cilium" },
] as const;

const isUpAt = (now: number) => (pod: Pod) => "at" in pod.readiness && pod.readiness.at <= now;

/** One line for each node that agents of Cilium do not hear. */
function unheard(api: Api, nodes: readonly ClusterNode[]): string[] {
  return nodes.flatMap((node) => {
    const deaf = nodes.filter(
      (from) => from !== node && !answersTo(api.rack, node.talos, from.talos.machine, node.address, HEALTH_PORT),
    );
    return deaf.length === 0
      ? []
      : [`Cilium: ${node.name} is unreachable on port ${HEALTH_PORT} for ${deaf.map(({ name }) => name).join(", ")}`];
  });
}

/** One line for each target that Prometheus does not reach. */
function downTargets(pods: readonly Pod[], prometheus: Pod | undefined): string[] {
  const source = prometheus?.node === undefined ? undefined : podAddressOn(prometheus.node.talos);
  if (source === undefined) return [];
  return METRICS.flatMap(({ port, label, value }) =>
    pods
      .filter((pod) => pod.labels[label] === value && pod.spec.hostNetwork === true)
      .flatMap(({ node }) =>
        node === undefined || letsIn(node.talos.config, { protocol: "tcp", port, source })
          ? []
          : [`Prometheus: target ${node.address}:${port} is down`],
      ),
  );
}

/** What agents of Cilium and Prometheus complain of, as far as they run by now. */
export function complaints(api: Api, pods: readonly Pod[], nodes: readonly ClusterNode[], now: number): string[] {
  const running = pods.filter(isUpAt(now));
  const agents = running.filter(({ labels }) => labels["k8s-app"] === "cilium").flatMap(({ node }) => node ?? []);
  const withAgent = nodes.filter(({ name }) => agents.some((agent) => agent.name === name));
  const prometheus = running.find(({ labels }) => labels["app.kubernetes.io/name"] === "prometheus");
  return [...unheard(api, withAgent), ...downTargets(running, prometheus)];
}
