// A node says by a label that its interface is registered. Connections pick nodes by it, so that a node that has just joined takes part in
// none before its interface is there: the operator would set the path as soon as the satellite is online.
import type { LinstorConnectionPlan, LinstorPlan } from "../../plan/plan.ts";

const registered = "registered";
/** What the label keys of all interfaces begin with. */
export const interfaceLabelPrefix = "linstor-interface.homelab/";

/** Label key for an interface, e.g. `linstor-interface.homelab/usb4`. */
export function interfaceLabel(interfaceName: string): string {
  return `${interfaceLabelPrefix}${interfaceName}`;
}

/** `kubectl` arguments that label every node with every interface it has. */
export function labelArguments(plan: Pick<LinstorPlan, "interfaces">): string[] {
  const nodes = [...new Set(plan.interfaces.map(({ node }) => node))].sort();
  const names = [...new Set(plan.interfaces.map(({ name }) => name))].sort();
  return ["label", "nodes", ...nodes, ...names.map((name) => `${interfaceLabel(name)}=${registered}`), "--overwrite"];
}

/** `spec` of a LinstorNodeConnection. */
export function connectionSpec(connection: LinstorConnectionPlan): object {
  const zone = { any: undefined, same: "Same", different: "NotSame" }[connection.zones];
  const matchLabels = [
    { key: interfaceLabel(connection.interface), op: "Exists" },
    ...(zone === undefined ? [] : [{ key: "topology.kubernetes.io/zone", op: zone }]),
  ];
  return { selector: [{ matchLabels }], paths: [{ name: connection.name, interface: connection.interface }] };
}
