// Commands that show the host's network as it runs: `ip`, `bridge`, `ethtool`.
import { formatAddress, networkOf, parseAddress } from "../../../plan/ipv4.ts";
import { hosts } from "../../rack/hosts.ts";
import { type Link, type Links, linksOf, mtuOf } from "../../rack/links.ts";
import { liveLinks } from "../../rack/live-links.ts";
import { cables, describeEnd } from "../../rack/switches.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";

function hasCarrier(context: HostContext, links: Links, link: Link): boolean {
  const { rack, host } = context;
  if (link.kind === "vlan") return hasCarrier(context, links, links[link.parent ?? ""] ?? link);
  const nics = link.kind === "nic" ? [link.name] : (link.members ?? []);
  return nics.some((nic) => {
    const below = links[nic];
    if (below && below.kind !== "nic") return hasCarrier(context, links, below);
    return cables(rack)
      .list()
      .some(({ body }) => body.plugged && body.ends.some((end) => describeEnd(end) === `${host}/${nic}`));
  });
}

function flags(context: HostContext, links: Links, link: Link): string {
  const isUp =
    link.autostart ||
    Object.values(links).some((other) => other.members?.includes(link.name) || other.parent === link.name);
  const state = !isUp ? "DOWN" : hasCarrier(context, links, link) ? "UP" : "LOWERLAYERDOWN";
  return `mtu ${mtuOf(links, link.name)} state ${state}`;
}

function addressLines(context: HostContext, links: Links, link: Link, isShort: boolean): string {
  const lines = link.addresses.map((address) => `inet ${address} scope global ${link.name}\n`);
  if (isShort) return lines.map((line) => `1: ${link.name}    ${line}`).join("");
  return [`${link.name}: ${flags(context, links, link)}\n`, ...lines.map((line) => `    ${line}`)].join("");
}

function routeLines(link: Link, onlyDefault: boolean): string {
  const out = link.gateway === undefined ? "" : `default via ${link.gateway} dev ${link.name} proto kernel onlink\n`;
  if (onlyDefault) return out;
  return (
    out +
    link.addresses
      .map(
        (address) =>
          `${networkOfCidr(address)} dev ${link.name} proto kernel scope link src ${address.split("/")[0]}\n`,
      )
      .join("")
  );
}

function networkOfCidr(cidr: string): string {
  const [address = "", length = "32"] = cidr.split("/");
  const parsed = parseAddress(address);
  return parsed.ok ? `${formatAddress(networkOf(parsed.value, Number(length)))}/${length}` : cidr;
}

function ip(context: HostContext, { args, stdout }: HostCall): number {
  const links = liveLinks(context.rack, context.host);
  const isShort = args.some((argument) => /^-(o|br|brief|oneline)$/.test(argument));
  const [object = "", verb = "show", ...rest] = args.filter((argument) => !argument.startsWith("-"));
  if (verb !== "show")
    throw new CommandFailure(`ip ${object} ${verb}: the simulated hosts change their network by ifreload only`);
  const device = rest.filter((word) => word !== "dev" && word !== "up" && word !== "default")[0];
  if (device !== undefined && !links[device]) throw new CommandFailure(`Device "${device}" does not exist.`);
  for (const link of Object.values(links).filter(({ name }) => device === undefined || name === device)) {
    if (/^a(d|ddr|ddress)?$/.test(object)) stdout.write(addressLines(context, links, link, isShort));
    else if (/^l(ink)?$/.test(object)) stdout.write(`${link.name}: ${flags(context, links, link)}\n`);
    else if (/^r(oute)?$/.test(object)) stdout.write(routeLines(link, rest.includes("default")));
    else throw new CommandFailure(`Object "${object}" is unknown, try "ip help".`);
  }
  return 0;
}

function bridge({ rack, host }: HostContext, { args, stdout }: HostCall): number {
  if (!args.includes("vlan")) throw new CommandFailure("Usage: bridge vlan show", 255);
  const links = Object.values(linksOf(rack, host)).filter((link) => link.kind === "bridge" && link.vlanAware);
  for (const link of links) {
    for (const port of [...(link.members ?? []), link.name])
      stdout.write(`${port}\t${["1 PVID Egress Untagged", ...(link.vlanIds ?? [])].join("\n\t")}\n`);
  }
  return 0;
}

function ethtool(context: HostContext, { args, stdout }: HostCall): number {
  const name = args.filter((argument) => !argument.startsWith("-"))[0] ?? "";
  const nic = hosts(context.rack)
    .get(context.host)
    ?.nics.find((candidate) => candidate.name === name);
  if (!nic) throw new CommandFailure("netlink error: No such device", 75);
  const links = linksOf(context.rack, context.host);
  const link = links[name] ?? { name, kind: "nic", addresses: [], autostart: false };
  const isUp = hasCarrier(context, links, link);
  stdout.write(
    `Settings for ${name}:\n\tSpeed: ${isUp ? `${nic.speedMbps}Mb/s` : "Unknown!"}\n\tDuplex: Full\n\tLink detected: ${isUp ? "yes" : "no"}\n`,
  );
  return 0;
}

/** `ip`, `bridge`, `ethtool` and the like: the network as it is. */
export function networkStateCommands(context: HostContext): CommandTable {
  return {
    ip: { run: (call) => ip(context, call) },
    bridge: { run: (call) => bridge(context, call) },
    ethtool: { run: (call) => ethtool(context, call) },
  };
}
