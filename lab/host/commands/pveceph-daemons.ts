// Monitors, managers and OSDs as `pveceph` makes them, and what it asks for before.
import { randomUUID } from "node:crypto";
import { addressesIn } from "../../rack/between-hosts.ts";
import { cephCluster, cephManagers, cephMonitors, cephOsds, requireMonitors } from "../../rack/ceph.ts";
import { quorumOf } from "../../rack/corosync.ts";
import { disksOf, hostIsUp, hosts } from "../../rack/hosts.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { HostContext } from "../installed-command.ts";
import { hasPackage } from "../operating-system.ts";
import type { Options } from "../options.ts";

export const CEPH_CONF = "/etc/pve/ceph.conf";

export function refuse(message: string): never {
  throw new CommandFailure(message, 255);
}

export function requireInstalled({ rack, host }: HostContext): void {
  if (!hasPackage(rack, host, "ceph-mon")) refuse("binary not installed: /usr/bin/ceph-mon");
}

export function requireInitialised({ rack }: HostContext) {
  return cephCluster(rack).get("cluster") ?? refuse("pveceph configuration not initialized");
}

export function requireQuorum({ rack, host }: HostContext): void {
  if (!quorumOf(rack, host).isQuorate) refuse("cluster not ready - no quorum?");
}

export function requireConnection({ rack, host }: HostContext): void {
  try {
    requireMonitors(rack, host);
  } catch {
    refuse("Could not connect to ceph cluster despite configured monitors");
  }
}

/** The network that OSDs bind to for replication when they start. */
function clusterNetwork({ files }: HostContext): string | undefined {
  return /^\s*cluster_network = (\S+)$/m.exec(files.read(CEPH_CONF) ?? "")?.[1];
}

/** Writes the file anew. `replication`: the cluster network; @default - what is there, else the public one */
export function writeCephConf(context: HostContext, replication = clusterNetwork(context)): void {
  const { rack, files } = context;
  const cluster = cephCluster(rack).get("cluster");
  if (!cluster) return;
  const monitors = cephMonitors(rack).list();
  const sections = monitors.map(({ id, body }) => `\n[mon.${id}]\n\tpublic_addr = ${body.address}\n`).join("");
  files.write(
    CEPH_CONF,
    `[global]\n\tauth_client_required = cephx\n\tauth_cluster_required = cephx\n\tauth_service_required = cephx\n\tcluster_network = ${replication ?? cluster.publicNetwork}\n\tfsid = ${cluster.fsid}\n\tmon_allow_pool_delete = true\n\tmon_host = ${monitors.map(({ body }) => body.address).join(" ")}\n\tosd_pool_default_min_size = ${cluster.minSize}\n\tosd_pool_default_size = ${cluster.size}\n\tpublic_network = ${cluster.publicNetwork}\n${sections}`,
  );
}

function monitorAddress({ rack, host }: HostContext, network: string, wanted: string | undefined): string {
  const inNetwork = addressesIn(rack, host, network);
  if (wanted !== undefined && !inNetwork.includes(wanted))
    refuse(
      `No active IP found for the requested ceph monitor address '${wanted}' on node '${host}' (in ${network}: ${inNetwork.join(", ") || "none"})`,
    );
  return (
    wanted ??
    inNetwork[0] ??
    refuse(`No active IP found for the requested ceph public network '${network}' on node '${host}'`)
  );
}

export function createMonitor(context: HostContext, call: HostCall, options: Options): number {
  const { rack, host } = context;
  requireInstalled(context);
  const cluster = requireInitialised(context);
  requireQuorum(context);
  if (cephMonitors(rack).get(host)) refuse(`monitor '${host}' already exists`);
  const address = monitorAddress(context, cluster.publicNetwork, options.get("mon-address"));
  const isFirst = cephMonitors(rack).list().length === 0;
  if (!isFirst) requireConnection(context);
  rack.transaction(() => {
    cephMonitors(rack).put(host, { address });
    // The first monitor brings the first manager.
    if (isFirst) cephManagers(rack).put(host, {});
    writeCephConf(context);
  });
  call.stdout.write(
    `creating new monitor keyring\nmonmaptool: set fsid to ${cluster.fsid}\nadding monitor ${host} at ${address}\n`,
  );
  return 0;
}

export function createManager(context: HostContext): number {
  requireInstalled(context);
  requireInitialised(context);
  requireConnection(context);
  if (cephManagers(context.rack).get(context.host)) refuse(`ceph manager '${context.host}' already exists`);
  cephManagers(context.rack).put(context.host, {});
  return 0;
}

export function createOsd(context: HostContext, call: HostCall, options: Options): number {
  const { rack, host } = context;
  const [device = ""] = options.operands;
  requireInstalled(context);
  const cluster = requireInitialised(context);
  requireConnection(context);
  const network = clusterNetwork(context) ?? cluster.publicNetwork;
  const [clusterAddress] = addressesIn(rack, host, network);
  if (clusterAddress === undefined)
    refuse(`No address from ceph cluster network (${network}) found on node '${host}'. Check your network config.`);
  const disk = disksOf(rack, host).find((candidate) => candidate.device === device);
  if (!disk)
    refuse(
      `unable to get device info for '${device}'\n400 Parameter verification failed.\ndev: no such block device on ${host}; it has ${disksOf(
        rack,
        host,
      )
        .map((candidate) => candidate.device)
        .join(", ")}`,
    );
  if (disk.use === "system" || disk.holds !== undefined)
    refuse(`device '${device}' is already in use: device is in use (${disk.holds ?? disk.use})`);
  if (disk.isFailed) refuse(`device '${device}': Input/output error`);
  const { id, uuid } = rack.transaction(() => {
    const taken = new Set(
      cephOsds(rack)
        .list()
        .map((osd) => Number(osd.id)),
    );
    let next = 0;
    while (taken.has(next)) next += 1;
    const osd = {
      host,
      device,
      deviceClass: options.get("crush-device-class") ?? (/nvme/.test(device) ? "nvme" : "ssd"),
      uuid: randomUUID(),
      clusterAddress,
    };
    cephOsds(rack).put(String(next), osd);
    hosts(rack).edit(host, (body) => {
      for (const candidate of body.disks) if (candidate.device === device) candidate.holds = `osd.${next}`;
    });
    return { id: next, uuid: osd.uuid };
  });
  call.stdout.write(
    `create OSD on ${device} (bluestore)\n--> ceph-volume lvm create successful for: ${device}\nosd.${id} ${uuid}\n`,
  );
  return 0;
}

/** An OSD of any host is started anew: it binds to what the file says by then, or ends where its host has no such address. */
export function restartOsd(context: HostContext, host: string, id: string): void {
  const { rack } = context;
  const cluster = requireInitialised(context);
  if (!hostIsUp(rack, host)) refuse(`ssh: connect to host ${host} port 22: No route to host`);
  if (cephOsds(rack).get(id)?.host !== host)
    refuse(`command '/bin/systemctl restart ceph-osd@${id}' failed: exit code 5`);
  const network = clusterNetwork(context) ?? cluster.publicNetwork;
  const [clusterAddress = ""] = addressesIn(rack, host, network);
  cephOsds(rack).edit(id, (osd) => Object.assign(osd, { clusterAddress }));
}

export function destroyMonitor(context: HostContext, _call: HostCall, { operands: [name = ""] }: Options): number {
  if (!cephMonitors(context.rack).delete(name)) refuse(`no such monitor id '${name}'`);
  writeCephConf(context);
  return 0;
}

export function destroyManager({ rack }: HostContext, _call: HostCall, { operands: [name = ""] }: Options): number {
  if (!cephManagers(rack).delete(name)) refuse(`ceph manager '${name}' does not exist`);
  return 0;
}
