// What Proxmox VE makes of an OpenFabric fabric on each of its hosts: FRR's file and the stanzas of the network (proxmox-ve-rs, proxmox-frr-templates and
// tests/fabric; pve-network, src/test/zones/evpn/openfabric_fabric). The program declares the fabric and its nodes; these texts are never its own.

import type { Recording } from "../../test/support/record-resources.ts";
import { plainInputs, resourcesOf } from "../declared.ts";

/** The files of one host. */
export interface FabricFiles {
  readonly host: string;
  /** `/etc/frr/frr.conf` */
  readonly frr: string;
  /** `/etc/network/interfaces.d/sdn` */
  readonly interfaces: string;
}

interface Fabric {
  readonly resourceId: string;
  readonly ipPrefix: string;
  readonly helloInterval?: number;
  readonly csnpInterval?: number;
}

interface FabricNode {
  readonly nodeId: string;
  readonly ip: string;
  readonly interfaceNames: readonly string[];
}

/** Files of every host in the declared fabric, sorted by host. */
export function fabricFiles(recording: Recording): FabricFiles[] {
  const declared = <T>(type: string): T[] =>
    resourcesOf(recording, "proxmoxve").flatMap((resource) =>
      resource.type === type ? [plainInputs(resource.inputs) as T] : [],
    );
  const [fabric] = declared<Fabric>("proxmoxve:sdn/fabric/openfabric:Openfabric");
  if (fabric === undefined) return [];
  return declared<FabricNode>("proxmoxve:sdn/fabric/node/openfabric:Openfabric")
    .map((node) => ({ host: node.nodeId, frr: frrConf(fabric, node), interfaces: stanzas(fabric, node) }))
    .sort((a, b) => (a.host < b.host ? -1 : 1));
}

function frrConf(fabric: Fabric, { nodeId, ip, interfaceNames }: FabricNode): string {
  const id = fabric.resourceId;
  const accessList = `pve_openfabric_${id}_ips`;
  const link = (name: string, settings: readonly string[]): string[] => [
    "!",
    `interface ${name}`,
    ` ip router openfabric ${id}`,
    ...settings.map((setting) => ` openfabric ${setting}`),
    "exit",
  ];
  const timers = [
    ...(fabric.helloInterval === undefined ? [] : [`hello-interval ${fabric.helloInterval}`]),
    ...(fabric.csnpInterval === undefined ? [] : [`csnp-interval ${fabric.csnpInterval}`]),
  ];
  const lines = [
    ...["frr version 10.4.1", "frr defaults datacenter", `hostname ${nodeId}`, "log syslog informational"],
    ...["service integrated-vtysh-config", "!"],
    ...[`router openfabric ${id}`, ` net ${networkEntityTitle(ip)}`, "exit"],
    ...link(`dummy_${id}`, ["passive"]),
    ...[...interfaceNames].sort().flatMap((name) => link(name, timers)),
    ...["!", `access-list ${accessList} permit ${fabric.ipPrefix}`],
    ...["!", "route-map pve_openfabric permit 100", ` match ip address ${accessList}`, ` set src ${ip}`, "exit"],
    ...["!", "ip protocol openfabric route-map pve_openfabric", "!", "line vty", "!"],
  ];
  return `${lines.join("\n")}\n`;
}

/** Area 49.0001 and the address, in decimal, as system id: `49.0001.0100.0804.9001.00` for 10.8.49.1. */
function networkEntityTitle(ip: string): string {
  const digits = ip
    .split(".")
    .map((octet) => octet.padStart(3, "0"))
    .join("");
  return `49.0001.${digits.match(/.{4}/g)?.join(".")}.00`;
}

function stanzas({ resourceId }: Fabric, { ip, interfaceNames }: FabricNode): string {
  const stanza = (name: string, kind: string): string =>
    `auto ${name}\niface ${name} inet static\n\taddress ${ip}/32\n${kind}\tip-forward 1\n`;
  const links = [...interfaceNames].sort().map((name) => stanza(name, ""));
  return ["#version:1\n", stanza(`dummy_${resourceId}`, "\tlink-type dummy\n"), ...links].join("\n");
}
