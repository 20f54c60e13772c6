// What pods and API servers get from a node's own ports, as its firewall lets them in.
import { answersTo, letsIn } from "../talos/ingress.ts";
import type { TalosNode } from "../talos/nodes.ts";
import { ports } from "../talos/reach.ts";
import { type ClusterNode, clusterNodes } from "./cluster-nodes.ts";
import type { Api } from "./objects.ts";

/** An address of a pod on that node; undefined: the node's range is not known. */
export function podAddressOn({ config }: TalosNode): string | undefined {
  return config?.annotations["network.cilium.io/ipv4-pod-cidr"]?.split("/")[0];
}

/** Whether a pod on a node gets at a port of the control planes, by the service that stands before them. */
export function podReachesControlPlane(api: Api, node: TalosNode, port: number): boolean {
  const source = podAddressOn(node);
  const planes = clusterNodes(api.rack, api.cluster).filter(({ isControlPlane }) => isControlPlane);
  return source === undefined || planes.some(({ talos }) => letsIn(talos.config, { protocol: "tcp", port, source }));
}

/** Why the API server on a control plane does not get at a kubelet (logs, exec, metrics); undefined: it does. */
export function kubeletProblem(api: Api, plane: TalosNode | undefined, node: ClusterNode): string | undefined {
  if (plane === undefined || answersTo(api.rack, node.talos, plane.machine, node.address, ports.kubelet))
    return undefined;
  return `error dialing backend: dial tcp ${node.address}:${ports.kubelet}: i/o timeout`;
}
