// The part of the Plan about Talos on a machine: its image, and the disk it goes to. All text, all readonly.

/** What a disk is known by, as Talos shows it; absent: not said. */
export interface DiskProperties {
  readonly model?: string | undefined;
  readonly serial?: string | undefined;
  readonly type?: "nvme" | "ssd" | "hdd" | "sd" | undefined;
  readonly busPath?: string | undefined;
  readonly wwid?: string | undefined;
  readonly uuid?: string | undefined;
  readonly modalias?: string | undefined;
}

/** A disk of a host. */
export interface DiskPlan extends DiskProperties {
  readonly name: string;
  readonly device: string;
  readonly sizeGiB: number;
  readonly use: "system" | "osd" | "linstor" | "data" | "unused";
}

/** What the disk to install on must be like, in Talos's words (`diskSelector`). */
export type InstallMatch = Readonly<Partial<Record<keyof DiskProperties | "size", string | undefined>>>;

/** What of the system disk is encrypted, by Talos's name of the volume, and where its key comes from; absent: in the clear. */
export interface EncryptionPlan {
  readonly STATE?: "nodeID" | "tpm" | "static";
  readonly EPHEMERAL?: "nodeID" | "tpm" | "static";
}

/** One thing that nodes answer, and to whom. */
export interface IngressRulePlan {
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  /** Ports and ranges `a-b`, not overlapping. */
  readonly ports: readonly string[];
  /** Prefixes, sorted. */
  readonly from: readonly string[];
  readonly controlPlanesOnly: boolean;
}

/** How a node ends when it is told to: pods, then critical pods, then the system. Seconds. */
export interface ShutdownPlan {
  /** For all pods together. */
  readonly graceSeconds: number;
  /** Of them, for critical pods. */
  readonly criticalSeconds: number;
  /** Afterwards, for Talos itself. */
  readonly systemSeconds: number;
  /** Afterwards, for the Proxmox host beneath it; 0 on the metal. */
  readonly hostSeconds: number;
}

/** The Talos image, the same for every node. */
export interface ImagePlan {
  readonly talosVersion: string;
  /** `nocloud` in a VM (keeps eth0/eth1), `metal` otherwise. */
  readonly platform: "nocloud" | "metal";
  readonly extensions: readonly string[];
  readonly extraKernelArgs: readonly string[];
  /** Further arguments of the image a machine is booted from before it is installed; only on the metal. */
  readonly bootKernelArgs: readonly string[];
  readonly architecture: "amd64";
  /** Signed, for firmware that starts nothing else. */
  readonly secureBoot: boolean;
}
