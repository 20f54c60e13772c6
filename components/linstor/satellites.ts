// The custom resources under the connections: what a satellite's pod looks like on Talos, and which disks become its storage pool.
import type { LinstorPlan } from "../../plan/plan.ts";

/** `spec` of a LinstorSatelliteConfiguration for all satellites. */
export const talosSatellites = {
  podTemplate: {
    spec: {
      // Without the host's network DRBD replicates over the pod network, whatever interface is named.
      hostNetwork: true,
      // The modules come with the image's extension; Talos has neither systemd nor kernel sources to mount.
      initContainers: [
        { name: "drbd-shutdown-guard", $patch: "delete" },
        { name: "drbd-module-loader", $patch: "delete" },
      ],
      volumes: [
        ...["run-systemd-system", "run-drbd-shutdown-guard", "systemd-bus-socket", "lib-modules", "usr-src"].map(
          (name) => ({ name, $patch: "delete" }),
        ),
        ...["backup", "archive"].map((name) => ({
          name: `etc-lvm-${name}`,
          hostPath: { path: `/var/etc/lvm/${name}`, type: "DirectoryOrCreate" },
        })),
      ],
    },
  },
};

/** `spec` of a LinstorSatelliteConfiguration that makes one node's disks its pool. */
export function poolOf(plan: Pick<LinstorPlan, "pool" | "devices">, node: string): object {
  const hostDevices = plan.devices.filter((disk) => disk.node === node).map(({ device }) => device);
  return {
    nodeSelector: { "kubernetes.io/hostname": node },
    storagePools: [{ name: plan.pool, lvmThinPool: {}, source: { hostDevices } }],
  };
}
