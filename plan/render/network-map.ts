// The map of a rack: every network, cable, interface, address and name as Markdown and Mermaid.
import { compareText } from "../order.ts";
import type { HostPlan, Plan, VlanPlan } from "../plan.ts";
import { otherEnd, wiringOf } from "../wiring.ts";
import { cablingDiagram, networkDiagram, nodeDiagram } from "./diagrams.ts";
import { ingressSection } from "./ingress-table.ts";
import { codeBlock, formatSpeed, generatedDocument, markdownTable, section } from "./markdown-table.ts";

/** Renders the map. */
export function renderNetworkMap(plan: Plan, source: string): string {
  return generatedDocument(
    `Network map of ${plan.name}`,
    source,
    section("Networks", vlanTable(plan), codeBlock("mermaid", networkDiagram(plan))),
    section("Cables", codeBlock("mermaid", cablingDiagram(plan)), cableTable(plan)),
    ...(plan.platform === "proxmox" ? [section("Hosts", hostTable(plan))] : []),
    ...racks(plan),
    section("Nodes", codeBlock("mermaid", nodeDiagram(plan)), nodeTable(plan)),
    ...ingressSection(plan),
    section(
      "Packet sizes",
      "From the NIC to the switch and back, each step must take what the network sends.",
      codeBlock("text", mtuChains(plan)),
    ),
    ...reservations(plan),
    section("Load balancer", poolText(plan), serviceTable(plan)),
    section(
      "Addresses",
      ...plan.vlans.map((vlan) => `### VLAN ${vlan.id} ${vlan.name}\n\n${addressTable(plan, vlan)}`),
      ...ringAddresses(plan),
    ),
    section(
      "Names",
      markdownTable(
        ["name", "address", "what"],
        plan.dns.records.map((record) => [record.fqdn, record.address, record.kind]),
      ),
    ),
    ...power(plan),
  );
}

function vlanTable(plan: Plan): string {
  const rows = plan.vlans.map((vlan) => [
    vlan.id,
    vlan.name,
    vlan.prefix,
    vlan.gateway ?? "not routed",
    vlan.mtu,
    vlan.usableAddresses,
    plan.addresses.filter((entry) => entry.vlan === vlan.name).length,
    vlan.purpose,
  ]);
  return markdownTable(
    ["VLAN", "name", "prefix", "gateway", "MTU", "usable addresses", "of them given", "purpose"],
    rows,
  );
}

function cableTable(plan: Plan): string {
  const rows = plan.switches.flatMap((device) =>
    device.ports.map((port) => [
      device.name,
      port.port,
      otherEnd(port),
      formatSpeed(port.speedMbps),
      port.nativeVlanId ?? "none",
      port.taggedVlanIds.join(", ") || "none",
      port.lag ?? "",
      port.mtu,
    ]),
  );
  return markdownTable(
    ["switch", "port", "other end", "speed", "untagged VLAN", "tagged VLANs", "LACP group", "MTU"],
    rows,
  );
}

function hostTable(plan: Plan): string {
  const rows = plan.hosts.flatMap((host) => [
    ...host.bonds.map((bond) => [host.name, bond.name, `${bond.mode} of ${bond.members.join(", ")}`, bond.mtu, ""]),
    ...host.bridges.map((bridge) => [
      host.name,
      bridge.name,
      `bridge on ${bridge.ports.join(", ")}, VLANs ${bridge.vlanIds.join(", ")}`,
      bridge.mtu,
      "",
    ]),
    ...vlanInterfaces(host).map((link) => [
      host.name,
      link.name,
      `VLAN ${link.vlanId} on ${link.parent}`,
      link.mtu,
      link.address,
    ]),
    ...(host.outOfBand === undefined
      ? []
      : [[host.name, host.outOfBand.name, `out of band (${host.outOfBand.kind})`, "", host.outOfBand.address]]),
  ]);
  return markdownTable(["host", "interface", "what", "MTU", "address"], rows);
}

function racks(plan: Plan): string[] {
  const names = [...new Set(plan.hosts.flatMap(({ rack }) => rack ?? []))].sort(compareText);
  if (names.length === 0) return [];
  const rows = names.map((rack) => {
    const hosts = plan.hosts.filter((host) => host.rack === rack).map(({ name }) => name);
    const nodes = plan.nodes.filter(({ host }) => hosts.includes(host)).map(({ name, role }) => `${name} (${role})`);
    return [rack, hosts.join(", "), nodes.join(", ")];
  });
  return [section("Racks", markdownTable(["rack", "hosts", "nodes"], rows))];
}

const vlanInterfaces = (host: HostPlan) =>
  [...host.bonds, ...host.bridges].flatMap((link) => link.vlanInterfaces).concat(host.nicInterfaces);

function nodeTable(plan: Plan): string {
  const rows = plan.nodes.map((node) => [
    node.name,
    node.role,
    node.host,
    node.vm?.id ?? "metal",
    node.managementAddress,
    node.nodeAddress,
    node.podPrefix,
    (node.vm?.nics ?? []).map((nic) => `${nic.name} ${nic.mac}`).join(", "),
  ]);
  return markdownTable(["node", "role", "host", "VM", "management", "node address", "pods", "MACs"], rows);
}

/** One line a host and network: `enp2s0f0np0 9000 > bond0 9000 > bond0.48 9000 > switch port 9000`. */
function mtuChains(plan: Plan): string {
  const wiring = wiringOf(plan);
  return plan.vlans
    .flatMap((vlan) => {
      const lines = plan.hosts.flatMap((host) => {
        const nics = wiring.nics.get(host.name)?.get(vlan.id) ?? [];
        return nics.length === 0 ? [] : [`  ${host.name.padEnd(16)} ${mtuSteps(plan, host, vlan, nics).join(" > ")}`];
      });
      return lines.length === 0 ? [] : [`VLAN ${vlan.id} ${vlan.name}: ${vlan.mtu} bytes`, ...lines];
    })
    .join("\n");
}

function mtuSteps(plan: Plan, host: HostPlan, vlan: VlanPlan, nics: readonly string[]): string[] {
  const ports = plan.switches.flatMap((device) =>
    device.ports
      .filter((port) => port.host === host.name && nics.includes(port.nic ?? ""))
      .map((port) => `${device.name} ${port.port}: ${port.mtu}`),
  );
  const links = [...host.bonds, ...host.bridges].filter((link) =>
    ("members" in link ? link.members : link.ports).some(
      (member) =>
        nics.includes(member) ||
        host.bonds.some((bond) => bond.name === member && bond.members.some((nic) => nics.includes(nic))),
    ),
  );
  const own = vlanInterfaces(host).filter((link) => link.vlanId === vlan.id);
  return [
    nics.join(" + "),
    ...links.map((link) => `${link.name}: ${link.mtu}`),
    ...own.map((link) => `${link.name}: ${link.mtu}`),
    ports.join(" and "),
  ];
}

function reservations(plan: Plan): string[] {
  if (plan.reservations === undefined) return [];
  const rows = plan.reservations.map(({ host, link, speedMbps, vlans }) => {
    const left = vlans.reduce((rest, { mbps }) => rest - mbps, speedMbps);
    const parts = vlans.map(({ vlan, mbps }) => `${vlan} ${formatSpeed(mbps)}`);
    return [host, link, formatSpeed(speedMbps), parts.join(", "), left === 0 ? "nothing" : formatSpeed(left)];
  });
  return [
    section(
      "Bandwidth",
      "What each network must have of a link at least; what one does not use, the others may. No switch enforces it.",
      markdownTable(["host", "link", "speed", "reserved", "left"], rows),
    ),
  ];
}

function poolText(plan: Plan): string {
  const { pools, available, services, interface: link } = plan.loadBalancer;
  const lines = pools.map(
    (pool) => `- ${pool.name}: ${pool.range}, ${pool.size} addresses${pool.autoAssign ? "" : ", only on request"}`,
  );
  return [
    ...lines,
    "",
    `${services.length} of them are planned, ${available} are left. They are announced on ${link} of the nodes.`,
  ].join("\n");
}

function serviceTable(plan: Plan): string {
  const rows = plan.loadBalancer.services.map((service) => [
    service.name,
    service.address,
    service.ports.join(", "),
    service.fqdn,
    service.purpose,
  ]);
  return markdownTable(["service", "address", "ports", "name", "purpose"], rows);
}

function addressTable(plan: Plan, vlan: VlanPlan): string {
  const entries = plan.addresses.filter((entry) => entry.vlan === vlan.name);
  return markdownTable(
    ["address", "owner", "where it is written"],
    entries.map((entry) => [entry.address, entry.owner, `\`${entry.path}\``]),
  );
}

function ringAddresses(plan: Plan): string[] {
  const { ring } = plan;
  if (ring === undefined) return [];
  const rows = ring.members.map((member) => [
    member.address,
    member.host,
    ring.cables
      .flatMap(({ a, b }) =>
        a.host === member.host
          ? [`${a.interface} to ${b.host}`]
          : b.host === member.host
            ? [`${b.interface} to ${a.host}`]
            : [],
      )
      .join(", "),
  ]);
  return [`### USB4 ring ${ring.prefix}, MTU ${ring.mtu}\n\n${markdownTable(["address", "host", "cables"], rows)}`];
}

function power(plan: Plan): string[] {
  if (plan.power === undefined) return [];
  const { idleWatts, maxWatts, budgetWatts, upsMinutes } = plan.power;
  const ups = upsMinutes === undefined ? "" : ` The UPS carries full load for ${upsMinutes} minutes.`;
  return [section("Power", `${idleWatts} W idle, ${maxWatts} W at most, of a budget of ${budgetWatts} W.${ups}`)];
}
