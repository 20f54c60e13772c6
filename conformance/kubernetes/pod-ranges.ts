// Whether ranges of pods can work beside each other, by other arithmetic than the plan's.
import { BlockList } from "node:net";

/** Network, broadcast, Cilium's router and its health check. */
const withoutPod = 4;

/**
 * What is wrong with the ranges of the nodes, in a person's words.
 * @param native prefix that is routed without translation
 */
export function podRangeFaults(
  nodes: readonly { readonly name: string; readonly podPrefix: string }[],
  native: string,
  maxPods: number,
): string[] {
  return nodes.flatMap(({ name, podPrefix }) => {
    const range = `${podPrefix} of ${name}`;
    const [network = "", length] = podPrefix.split("/");
    const size = 2 ** (32 - Number(length));
    const shared = nodes.filter((other) => other.name !== name && holds(other.podPrefix, network));
    return [
      ...(holds(native, network) ? [] : [`${range} is not in ${native}`]),
      ...shared.map((other) => `${range} is in ${other.podPrefix} of ${other.name}`),
      ...(size - withoutPod >= maxPods ? [] : [`${range} is too small for ${maxPods} pods`]),
    ];
  });
}

function holds(prefix: string, address: string): boolean {
  const [network = "", length] = prefix.split("/");
  const block = new BlockList();
  block.addSubnet(network, Number(length));
  return block.check(address);
}
