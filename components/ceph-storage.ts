// Ceph on the Proxmox hosts: packages, monitors, managers, OSDs, a pool and a client. Nothing of it is ever undone from here.
import { Pool as CephPool } from "@muhlba91/pulumi-proxmoxve/ceph/pool.js";
import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { CephPlan } from "../plan/plan.ts";
import { renderCephClusterNetwork } from "./host-scripts/ceph-cluster-network.ts";
import { renderCephInit } from "./host-scripts/ceph-init.ts";
import { renderCephInstall } from "./host-scripts/ceph-install.ts";
import { renderCephMonitor } from "./host-scripts/ceph-monitor.ts";
import { renderCephOsd } from "./host-scripts/ceph-osd.ts";
import { renderCephUser } from "./host-scripts/ceph-user.ts";
import { createHostCommand, type SshAccess, type SshHost } from "./ssh.ts";

/** Arguments of {@link CephStorage}. */
export interface CephStorageArgs {
  readonly plan: CephPlan;
  /** All hosts; Ceph runs on those that the plan names. */
  readonly hosts: readonly SshHost[];
  readonly ssh: SshAccess;
  /** Client that may use the pool, without `client.`. @default - `kubernetes` */
  readonly user?: string;
  /** Whether OSDs and the pool refuse to be deleted: data lies on them. @default - true */
  readonly protect?: boolean;
  /** Hosts whose OSDs may go all the same. @default - none */
  readonly retiring?: readonly string[];
}

/** A Ceph cluster with a pool for virtual disks, a Proxmox storage of the same name on it, and a client for Kubernetes. */
export class CephStorage extends pulumi.ComponentResource {
  static readonly type = "homelab:storage:CephStorage";
  /** Id of the Ceph cluster. */
  readonly fsid: pulumi.Output<string>;
  /** Client without `client.`. */
  readonly user: pulumi.Output<string>;
  /** The client's key. Secret. */
  readonly key: pulumi.Output<string>;
  /** The pool, and the Proxmox storage on it, known once data can be written. */
  readonly poolName: pulumi.Output<string>;
  /** Done once no OSD replicates over a network that the plan does not name any more. */
  readonly clusterNetwork: pulumi.Resource;

  readonly #name: string;
  readonly #args: CephStorageArgs;

  constructor(name: string, args: CephStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super(CephStorage.type, name, { plan: args.plan }, opts);
    this.#name = name;
    this.#args = args;
    const { plan } = args;
    const protect = args.protect ?? true;
    const [first] = plan.monitors;
    if (first === undefined) throw new Error("Ceph without a monitor: ceph.monitors of the plan is empty");

    const installed = this.#install();
    const { publicPrefix, clusterPrefix, pool: poolPlan } = plan;
    const sizes = { size: poolPlan.size, minSize: poolPlan.minSize };
    const init = this.#run("init", first.host, renderCephInit({ host: first.host, publicPrefix, ...sizes }), installed);
    let last = init;
    for (const { host, address } of plan.monitors) {
      // One after the other: each changes the map of monitors that the next one joins by.
      last = this.#run(`${host}-monitor`, host, renderCephMonitor({ host, address }), [last]);
    }
    last = this.#run("cluster-network", first.host, renderCephClusterNetwork({ host: first.host, clusterPrefix }), [
      last,
    ]);
    this.clusterNetwork = last;
    const osds = this.#createOsds(last, protect);
    const pool = new CephPool(
      `${name}-pool`,
      // Without removeStorages the storage's definition outlives the pool, and the pool can never be made again under its name.
      {
        nodeName: first.host,
        name: poolPlan.name,
        application: "rbd",
        ...sizes,
        addStorages: true,
        removeStorages: true,
      },
      { parent: this, protect, dependsOn: [last, ...osds] },
    );
    const user = args.user ?? "kubernetes";
    const client = createHostCommand(
      `${name}-client-${user}`,
      {
        ssh: args.ssh,
        host: this.#host(first.host),
        script: renderCephUser({ host: first.host, user, pool: poolPlan.name }),
        printsSecret: true,
      },
      { parent: this, dependsOn: pool },
    );
    this.fsid = init.stdout;
    this.user = client.stdout.apply(() => user);
    this.key = pulumi.secret(client.stdout);
    this.poolName = pool.name;
    this.registerOutputs({ fsid: this.fsid, user: this.user, key: this.key, poolName: this.poolName });
  }

  #install(): pulumi.Resource[] {
    const { plan } = this.#args;
    const hosts = new Set([...plan.monitors, ...plan.osds].map(({ host }) => host));
    return [...hosts]
      .sort()
      .map((host) => this.#run(`${host}-install`, host, renderCephInstall({ host, version: plan.version }), []));
  }

  /** On one host one after the other, since they share its CPU while they are made; hosts side by side. */
  #createOsds(after: pulumi.Resource, protect: boolean): pulumi.Resource[] {
    const { retiring = [] } = this.#args;
    const lastOfHost = new Map<string, pulumi.Resource>();
    return this.#args.plan.osds.map(({ host, disk, device }) => {
      const before = [lastOfHost.get(host) ?? after];
      const osd = this.#run(
        `${host}-osd-${disk}`,
        host,
        renderCephOsd({ host, device }),
        before,
        protect && !retiring.includes(host),
      );
      lastOfHost.set(host, osd);
      return osd;
    });
  }

  #run(
    role: string,
    host: string,
    script: string,
    dependsOn: pulumi.Resource[],
    protect = false,
  ): command.remote.Command {
    const args = { ssh: this.#args.ssh, host: this.#host(host), script };
    return createHostCommand(`${this.#name}-${role}`, args, {
      parent: this,
      dependsOn,
      ...(protect ? { protect } : {}),
    });
  }

  #host(name: string): SshHost {
    const host = this.#args.hosts.find((candidate) => candidate.name === name);
    if (host === undefined) throw new Error(`Ceph is planned on ${name}, which is none of the hosts`);
    return host;
  }
}
