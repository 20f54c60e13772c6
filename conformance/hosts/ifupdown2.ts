// What ifupdown2 makes of a host's network file: what it objects to, which links it reads, and which NICs it would put under which.
import type { HostPlan } from "../../plan/plan.ts";
import { runScript, standIns } from "./stand-ins.ts";
import type { TestHost } from "./test-host.ts";

/** A link as the file has it; what it leaves open is missing. */
export type LinkSettings = Readonly<Record<string, string>>;

/** What ifupdown2 says of a file. */
export interface Reading {
  readonly complaints: readonly string[];
  /** By name; bare NICs are not listed. */
  readonly links: Readonly<Record<string, LinkSettings>>;
  /** Bond of each NIC that `ifup` would put into one, from a dry run. */
  readonly masters: Readonly<Record<string, string>>;
}

/** Reads a file on a test host. */
export async function readInterfaces(host: TestHost, file: string): Promise<Reading> {
  const nics = [...file.matchAll(/^iface (\S+) inet manual\n(?!\t)/gm)].map(([, name]) => name);
  const { stdout } = await host.succeeds(
    [
      `cat >/etc/network/interfaces <<'FILE'\n${file}FILE`,
      "echo ---; ifreload --syntax-check --all 2>&1 || :",
      "echo ---; ifquery --all --format=json",
      ...nics.map((nic) => `ip link add ${nic} type veth peer name p-${nic}`),
      "echo ---; ifup --all --no-act --verbose 2>&1 || :",
    ].join("\n"),
  );
  const [, said = "", json = "", dryRun = ""] = stdout.split("---\n");
  const links = JSON.parse(json) as { name: string; config: LinkSettings }[];
  return {
    complaints: complaints(said),
    links: Object.fromEntries(
      links.flatMap(({ name, config }) => (Object.keys(config).length === 0 ? [] : [[name, config]])),
    ),
    masters: Object.fromEntries(
      [...dryRun.matchAll(/ip link set dev (\S+) master (\S+)/g)].map(([, nic = "", master = ""]) => [nic, master]),
    ),
  };
}

/**
 * What ifupdown2 objects to. That it was not installed by dpkg and what this machine lacks is no objection to the file; nor is the MTU of a
 * bridge, which Proxmox VE's own build sets and writes and Debian's leaves to the ports.
 */
function complaints(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => /^(warning|error):/.test(line))
    .filter((line) => !/current version using dpkg|: missing - |brctl|bridge inherits mtu from its ports/.test(line));
}

/** The links that a host is planned to have, as `ifquery` shows them. */
export function plannedLinks(host: HostPlan): Record<string, LinkSettings> {
  const vlans = [...host.bonds, ...host.bridges].flatMap((link) => link.vlanInterfaces).concat(host.nicInterfaces);
  return Object.fromEntries([
    ...host.bonds.map((bond): [string, LinkSettings] => [
      bond.name,
      {
        "bond-slaves": bond.members.join(" "),
        "bond-miimon": "100",
        "bond-mode": bond.mode,
        ...(bond.mode === "802.3ad" && bond.lacpRate === "fast" && { "bond-lacp-rate": "fast" }),
        ...(bond.mode === "802.3ad" && { "bond-xmit-hash-policy": bond.xmitHashPolicy }),
        mtu: String(bond.mtu),
      },
    ]),
    ...host.bridges.map((bridge): [string, LinkSettings] => [
      bridge.name,
      {
        ...{
          "bridge-ports": bridge.ports.join(" "),
          "bridge-stp": "off",
          "bridge-fd": "0",
          "bridge-vlan-aware": "yes",
        },
        ...{ "bridge-vids": bridge.vlanIds.join(" "), mtu: String(bridge.mtu) },
      },
    ]),
    ...vlans.map((vlan): [string, LinkSettings] => [
      vlan.name,
      {
        address: vlan.address,
        ...(vlan.gateway !== undefined && { gateway: vlan.gateway }),
        mtu: String(vlan.mtu),
      },
    ]),
  ]);
}

/** The file as scripts leave it that would reload the network: there is no driver for bonds here, so nothing is reloaded. */
export async function afterScripts(
  on: TestHost,
  file: string,
  scripts: readonly string[],
  first = "",
): Promise<string> {
  const { stdout } = await on.succeeds(
    [
      `cat >/etc/network/interfaces <<'FILE'\n${file}FILE`,
      first,
      standIns({ ifreload: "", ifquery: "" }),
      ...scripts.map((script, index) => runScript(`step${index}`, script)),
      "cat /etc/network/interfaces",
    ].join("\n"),
  );
  return stdout;
}
