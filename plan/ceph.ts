// Ceph: monitors, OSDs and the pool, from the hosts' disks and storage addresses.
import type { Draft } from "./draft.ts";
import { addressPath, hostAddress, knownNetwork, networkName, networkPrefix, ringNetwork } from "./host-networks.ts";
import { compareText, sortedEntries } from "./order.ts";
import type { CephPlan } from "./plan.ts";

/** Checks Ceph's part. */
export function readCeph(draft: Draft): void {
  const { env } = draft;
  const { ceph } = env;
  if (ceph === undefined) return;
  if (env.platform === "metal")
    draft.error(
      "ceph-without-proxmox",
      "ceph",
      "Ceph is run by the Proxmox hosts; with platform: metal use linstor instead",
    );
  if (ceph.vlan === ringNetwork) {
    draft.error(
      "ceph-public-on-ring",
      "ceph.vlan",
      "the machines that use Ceph's volumes are not on the USB4 ring and would never reach it; name a VLAN here and the ring in ceph.clusterNetwork",
    );
    return;
  }
  if (!draft.known("vlan", ceph.vlan, env.vlans, "ceph.vlan")) return;
  const { clusterNetwork = ceph.vlan } = ceph;
  const hasClusterNetwork = clusterNetwork === ceph.vlan || knownNetwork(draft, clusterNetwork, "ceph.clusterNetwork");
  for (const vlan of new Set([ceph.vlan, clusterNetwork])) {
    if (draft.vlans.get(vlan)?.isRouted !== true || vlan === env.roles.management) continue;
    draft.warn(
      "ceph-vlan-routed",
      `vlans.${vlan}.gateway`,
      `Ceph's VLAN ${vlan} has a gateway, so only the router's rules keep others out of it; all its hosts are on it, leave the gateway out`,
    );
  }
  const monitors = new Set(ceph.monitors);
  if (monitors.size !== ceph.monitors.length)
    draft.error("monitor-twice", "ceph.monitors", "a host is listed twice; it runs one monitor, remove the second");
  if (monitors.size % 2 === 0)
    draft.error(
      "monitors-even",
      "ceph.monitors",
      `${monitors.size} monitors survive no more failures than ${monitors.size - 1}; use an odd number (1, 3, 5)`,
    );
  for (const [i, host] of ceph.monitors.entries()) {
    const path = `ceph.monitors[${i}]`;
    if (draft.known("host", host, env.hosts, path) && env.hosts[host]?.addresses[ceph.vlan] === undefined) {
      draft.error(
        "monitor-without-address",
        path,
        `${host} has no address on VLAN ${ceph.vlan}; a monitor listens there, add one to hosts.${host}.addresses`,
      );
    }
  }
  const osdHosts = sortedEntries(env.hosts).filter(([, host]) =>
    Object.values(host.disks).some((disk) => disk.use === "osd"),
  );
  for (const [host, settings] of osdHosts) {
    if (settings.addresses[ceph.vlan] === undefined)
      draft.error(
        "osd-without-address",
        `hosts.${host}.addresses`,
        `${host} has OSD disks but no address on VLAN ${ceph.vlan}; Ceph talks there, add one`,
      );
    if (hasClusterNetwork && clusterNetwork !== ceph.vlan && hostAddress(draft, host, clusterNetwork) === undefined)
      draft.error(
        "osd-without-address",
        addressPath(host, clusterNetwork),
        `${host} has OSD disks but no address on ${networkName(clusterNetwork)}; they replicate there and would not start, add one`,
      );
  }
  checkPool(draft, ceph.pool, osdHosts.length);
}

function checkPool(draft: Draft, pool: CephPlan["pool"], osdHosts: number): void {
  if (osdHosts < pool.size) {
    draft.error(
      "pool-size-hosts",
      "ceph.pool.size",
      `${pool.size} copies on ${osdHosts} hosts with OSD disks: Ceph puts one copy a host, so the pool would never be healthy; add disks with use: osd or lower size`,
    );
  }
  if (pool.minSize > pool.size)
    draft.error(
      "pool-min-size",
      "ceph.pool.minSize",
      `minSize ${pool.minSize} is more than size ${pool.size}; nothing could ever be written, use ${Math.max(1, pool.size - 1)}`,
    );
  else if (pool.minSize === 1 && pool.size > 1)
    draft.warn(
      "pool-min-size-one",
      "ceph.pool.minSize",
      "with minSize 1 a second failure during recovery loses data; use 2",
    );
  else if (pool.minSize === pool.size && pool.size > 1)
    draft.warn(
      "pool-min-size-all",
      "ceph.pool.minSize",
      "with minSize = size writing stops when one host is down; use size - 1",
    );
}

/** Ceph as the Plan shows it. */
export function planCeph(draft: Draft): CephPlan | undefined {
  const { env } = draft;
  const { ceph } = env;
  const publicPrefix = ceph === undefined ? undefined : networkPrefix(draft, ceph.vlan);
  if (ceph === undefined || publicPrefix === undefined) return undefined;
  return {
    version: ceph.version,
    publicPrefix,
    clusterPrefix: networkPrefix(draft, ceph.clusterNetwork ?? ceph.vlan) ?? publicPrefix,
    monitors: [...new Set(ceph.monitors)].sort(compareText).flatMap((host) => {
      const address = env.hosts[host]?.addresses[ceph.vlan]?.address;
      return address === undefined ? [] : [{ host, address }];
    }),
    osds: sortedEntries(env.hosts).flatMap(([host, settings]) =>
      sortedEntries(settings.disks).flatMap(([disk, { use, device, sizeGiB }]) =>
        use === "osd" ? [{ host, disk, device, sizeGiB }] : [],
      ),
    ),
    pool: ceph.pool,
  };
}
