// The three pictures of a rack as Mermaid: cables, networks, and what a node sees.
import type { Plan, SwitchPortPlan } from "../plan.ts";
import { formatSpeed } from "./markdown-table.ts";

/** A name as a Mermaid identifier. */
const id = (kind: string, name: string): string => `${kind}_${name.replace(/[^A-Za-z0-9]/g, "_")}`;

/** Who is plugged into whom: router, switches, hosts, USB4 ring. */
export function cablingDiagram(plan: Plan): string {
  const switches = new Set(plan.switches.map((device) => device.name));
  const others = [
    ...new Set(plan.switches.flatMap((device) => device.ports.flatMap((port) => port.uplink ?? []))),
  ].filter((name) => !switches.has(name));
  const addressOf = (name: string): string => plan.addresses.find((entry) => entry.owner === name)?.address ?? "";
  const routers = [...new Set([plan.router.name, ...others])].map((name) => {
    const address =
      name === plan.router.name ? (plan.router.interfaces[0]?.address.split("/")[0] ?? "") : addressOf(name);
    return `  ${id("device", name)}["${name}<br/>${address}"]`;
  });
  const core = others
    .filter((name) => name !== plan.router.name)
    .map((name) => `  ${id("device", plan.router.name)} -.- ${id("device", name)}`);
  return [
    "graph TB",
    ...routers,
    ...plan.switches.map(
      (device) => `  ${id("switch", device.name)}["${device.name}<br/>${device.model}<br/>${device.address ?? ""}"]`,
    ),
    ...plan.hosts.map((host) => `  ${id("host", host.name)}(["${host.name}<br/>${host.model}"])`),
    ...core,
    ...plan.switches.flatMap((device) => [
      ...device.ports.flatMap((port) => uplinkEdge(device.name, port, switches)),
      ...hostEdges(device.name, device.ports),
    ]),
    ...(plan.ring?.cables ?? []).map(
      ({ a, b }) => `  ${id("host", a.host)} == "USB4 ${a.port} to ${b.port}" === ${id("host", b.host)}`,
    ),
  ].join("\n");
}

function uplinkEdge(name: string, port: SwitchPortPlan, switches: ReadonlySet<string>): string[] {
  if (port.uplink === undefined) return [];
  const to = switches.has(port.uplink) ? id("switch", port.uplink) : id("device", port.uplink);
  return [`  ${to} -- "${formatSpeed(port.speedMbps)}<br/>port ${port.port}" --- ${id("switch", name)}`];
}

/** One line a host and group: the members of a bond belong together. */
function hostEdges(name: string, ports: readonly SwitchPortPlan[]): string[] {
  const groups = new Map<string, SwitchPortPlan[]>();
  for (const port of ports) {
    if (port.host === undefined) continue;
    const key = `${port.host}/${port.lag ?? port.port}`;
    groups.set(key, [...(groups.get(key) ?? []), port]);
  }
  return [...groups.values()].map((members) => {
    const [first] = members;
    const speed = `${members.length > 1 ? `${members.length} × ` : ""}${formatSpeed(first?.speedMbps ?? 0)}${members.length > 1 ? " LACP" : ""}`;
    const nics = members.map((port) => port.nic).join(", ");
    const vlans = `VLAN ${[...(first?.taggedVlanIds ?? [])].join(", ")}`;
    return `  ${id("switch", name)} -- "${speed}<br/>${vlans}<br/>${nics}" --- ${id("host", first?.host ?? "")}`;
  });
}

/** Each VLAN with who is on it, and the router between those that are routed. */
export function networkDiagram(plan: Plan): string {
  const subgraphs = plan.vlans.map((vlan) => {
    const members = plan.addresses.filter((entry) => entry.vlan === vlan.name);
    const pods =
      plan.nodesVlan === vlan.name
        ? plan.nodes.map((node) => `    ${id("pods", node.name)}[/"pods of ${node.name}<br/>${node.podPrefix}"/]`)
        : [];
    const lines = members.map(
      (entry) => `    ${id(`v${vlan.id}`, `${entry.owner} ${entry.address}`)}["${entry.owner}<br/>${entry.address}"]`,
    );
    return [
      `  subgraph ${id("vlan", vlan.name)} ["VLAN ${vlan.id} ${vlan.name}<br/>${vlan.prefix}, MTU ${vlan.mtu}"]`,
      ...lines,
      ...pods,
      "  end",
    ].join("\n");
  });
  const routed = plan.vlans.filter((vlan) => vlan.gateway !== undefined);
  return [
    "graph LR",
    `  router{{"${plan.router.name}"}}`,
    ...subgraphs,
    ...routed.map((vlan) => `  router --- ${id("vlan", vlan.name)}`),
  ].join("\n");
}

/** The interfaces of each node and the VLAN behind them. */
export function nodeDiagram(plan: Plan): string {
  const vlanOf = (address: string): string =>
    plan.addresses.find((entry) => entry.address === address.split("/")[0])?.vlan ?? "";
  const nodes = plan.nodes.map((node) => {
    const links = node.interfaces.filter((link) => link.addresses.length > 0);
    return [
      `  subgraph ${id("on", node.name)} ["${node.name} on ${node.host}"]`,
      ...links.map(
        (link) => `    ${id("link", `${node.name} ${link.name}`)}["${link.name}<br/>${link.addresses.join("<br/>")}"]`,
      ),
      "  end",
    ].join("\n");
  });
  const edges = plan.nodes.flatMap((node) =>
    node.interfaces.flatMap((link) => {
      const [address] = link.addresses;
      const vlan = address === undefined ? "" : vlanOf(address);
      return vlan === "" ? [] : [`  ${id("link", `${node.name} ${link.name}`)} --- ${id("net", vlan)}`];
    }),
  );
  const used = plan.vlans.filter((vlan) => edges.some((edge) => edge.endsWith(` ${id("net", vlan.name)}`)));
  const networks = used.map((vlan) => `  ${id("net", vlan.name)}(["VLAN ${vlan.id} ${vlan.name}<br/>${vlan.prefix}"])`);
  return ["graph LR", ...nodes, ...networks, ...edges].join("\n");
}
