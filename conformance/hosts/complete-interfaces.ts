// `/etc/network/interfaces` of a Proxmox host when all is applied: what the program writes, and the stanzas of the links that it declares through the API,
// in the form in which Proxmox VE writes them (pve-common, INotify.pm).
import type { HostPlan } from "../../plan/plan.ts";
import type { Recording } from "../../test/support/record-resources.ts";
import { plainInputs, resourcesOf } from "../declared.ts";

interface Inputs {
  readonly nodeName: string;
  readonly name: string;
  readonly address?: string;
  readonly gateway?: string;
  readonly mtu?: number;
  readonly slaves?: readonly string[];
  readonly bondMode?: string;
  readonly bondXmitHashPolicy?: string;
  readonly ports?: readonly string[];
  readonly vids?: string;
}

const types = ["bond:Bond", "bridge:Bridge", "vlan:Vlan"].map((type) => `proxmoxve:network/linux/${type}`);

/** The file of a host. */
export function completeInterfaces(recording: Recording, host: HostPlan): string {
  const links = types.flatMap((type) =>
    resourcesOf(recording, "proxmoxve").flatMap((resource) => {
      const inputs = plainInputs(resource.inputs) as Inputs;
      return resource.type === type && inputs.nodeName === host.name ? [inputs] : [];
    }),
  );
  const [own = "", source = ""] = host.interfacesFile.split(/^(?=source )/m);
  // Proxmox VE has every member of a bond come up by itself.
  const members = new Set(links.flatMap((link) => link.slaves ?? []));
  const withMembers = own.replace(/^(?:auto \S+\n)?iface (\S+) /gm, (line, name: string) =>
    members.has(name) ? `auto ${name}\niface ${name} ` : line,
  );
  return `${withMembers}${links.map(stanza).join("")}${source}`;
}

function stanza(link: Inputs): string {
  const options: [string, string | number | undefined][] = [
    ["address", link.address],
    ["gateway", link.gateway],
    ["bond-slaves", link.slaves?.join(" ")],
    ["bond-miimon", link.slaves && 100],
    ["bond-mode", link.slaves && link.bondMode],
    ["bond-xmit-hash-policy", link.bondXmitHashPolicy],
    ["bridge-ports", link.ports?.join(" ")],
    ["bridge-stp", link.ports && "off"],
    ["bridge-fd", link.ports && 0],
    ["bridge-vlan-aware", link.ports && "yes"],
    ["bridge-vids", link.ports && (link.vids ?? "2-4094")],
    ["mtu", link.mtu],
  ];
  const lines = options.flatMap(([key, value]) => (value === undefined ? [] : [`\t${key} ${value}\n`]));
  const method = link.address === undefined ? "manual" : "static";
  return `auto ${link.name}\niface ${link.name} inet ${method}\n${lines.join("")}\n`;
}
