// One of each script that runs on a host, for the host `pve-a`.
import { renderCephClusterNetwork } from "../../components/host-scripts/ceph-cluster-network.ts";
import { renderCephInit } from "../../components/host-scripts/ceph-init.ts";
import { renderCephInstall } from "../../components/host-scripts/ceph-install.ts";
import { renderCephMonitor } from "../../components/host-scripts/ceph-monitor.ts";
import { renderCephOsd } from "../../components/host-scripts/ceph-osd.ts";
import { renderCephSteady } from "../../components/host-scripts/ceph-steady.ts";
import { renderCephUser } from "../../components/host-scripts/ceph-user.ts";
import {
  renderClusterAdmit,
  renderClusterCreate,
  renderClusterIntroduce,
  renderClusterJoin,
} from "../../components/host-scripts/cluster.ts";
import { renderCorosyncLinks } from "../../components/host-scripts/corosync-links.ts";
import { renderFirewallOff } from "../../components/host-scripts/firewall-off.ts";
import { renderHostsGone } from "../../components/host-scripts/hosts-gone.ts";
import { renderLacpRate } from "../../components/host-scripts/lacp-rate.ts";
import { renderManagementNetwork } from "../../components/host-scripts/management-network.ts";
import { renderNodeExporter } from "../../components/host-scripts/node-exporter.ts";
import { renderPackageSources } from "../../components/host-scripts/package-sources.ts";
import { renderTimeServers } from "../../components/host-scripts/time-servers.ts";
import { renderUsb4Check, renderUsb4Links } from "../../components/host-scripts/usb4-links.ts";
import { renderVmIds } from "../../components/host-scripts/vm-ids.ts";

const host = "pve-a";
const address = "192.0.2.10";
const cluster = "rack";
const interfacesFile = `auto lo\niface lo inet loopback\n\nauto vmbr0\niface vmbr0 inet static\n\taddress ${address}/24\n`;

/** Scripts by name. */
export function everyScript(): Readonly<Record<string, string>> {
  return {
    cephSteady: renderCephSteady({ host, before: "node-a gets Talos v1.13.1" }),
    hostsGone: renderHostsGone({ host, hosts: ["pve-a", "pve-b"] }),
    managementNetwork: renderManagementNetwork({
      ...{ host, address, interfacesFile, gateway: "192.0.2.1", interface: "vmbr0" },
      keptInterfaces: ["bond0", "bond0.48"],
    }),
    managementNetworkUnrouted: renderManagementNetwork({
      ...{ host, address, interfacesFile, interface: "vmbr0", keptInterfaces: [] },
    }),
    lacpRate: renderLacpRate({
      ...{ host, name: "bond0", members: ["a", "b"], mode: "802.3ad", xmitHashPolicy: "layer3+4", lacpRate: "fast" },
      ...{ mtu: 9000, vlanInterfaces: [] },
    }),
    usb4Links: renderUsb4Links({ host, ports: [{ interface: "en05", pciPath: "0000:00:0d.2" }], mtu: 65_520 }),
    usb4Check: renderUsb4Check({ host, ports: [{ interface: "en05", pciPath: "0000:00:0d.2" }] }),
    clusterCreate: renderClusterCreate({ host, cluster, address }),
    clusterIntroduce: renderClusterIntroduce({ host, firstAddress: "192.0.2.11" }),
    clusterAdmit: renderClusterAdmit({ host, joining: "pve-b" }),
    clusterJoin: renderClusterJoin({ host, cluster, address, firstAddress: "192.0.2.11" }),
    corosyncLinks: renderCorosyncLinks({
      host,
      members: [
        { host, links: [address, "198.51.100.10"] },
        { host: "pve-b", links: ["192.0.2.11", "198.51.100.11"] },
      ],
    }),
    packageSources: renderPackageSources({ host }),
    timeServers: renderTimeServers({ host, servers: ["192.0.2.1", "time.example.test"] }),
    nodeExporter: renderNodeExporter({ host, address }),
    cephInstall: renderCephInstall({ host, version: "squid" }),
    cephInit: renderCephInit({ host, publicPrefix: "198.51.100.0/24", size: 3, minSize: 2 }),
    cephClusterNetwork: renderCephClusterNetwork({ host, clusterPrefix: "203.0.113.0/24" }),
    cephMonitor: renderCephMonitor({ host, address: "198.51.100.10" }),
    cephOsd: renderCephOsd({ host, device: "/dev/disk/by-id/nvme-a" }),
    vmIds: renderVmIds({ host, machines: [{ id: 8001, name: "talos-k8s-01", host }] }),
    firewall: renderFirewallOff(host).script,
    firewallOff: renderFirewallOff(host).undo,
    cephUser: renderCephUser({ host, user: "kubernetes", pool: "kubernetes" }),
  };
}
