// The Talos image: what is in it, and a copy on every host that starts machines from it.
import { File as DownloadFile, type FileArgs as DownloadFileArgs } from "@muhlba91/pulumi-proxmoxve/download/file.js";
import * as pulumi from "@pulumi/pulumi";
import * as talos from "@pulumiverse/talos";
import type { ImagePlan } from "../plan/plan.ts";
import { imageFlavour, installerName, renderSchematic } from "../plan/schematic.ts";

/** Arguments of {@link TalosImage}. */
export interface TalosImageArgs {
  readonly plan: ImagePlan;
  /** Hosts that get a copy; none on the metal, where machines boot from the network or a stick. */
  readonly hosts: readonly string[];
  /** e.g. `https://factory.talos.dev`. */
  readonly factoryUrl: string;
  /** Datastore on each host that takes images. @default - `local` */
  readonly datastore?: string;
}

/** Enough of the id to tell images apart in a list. */
const shortIdLength = 12;
/** A slow line needs a while for some 100 MB, and the host unpacks them too. */
const downloadTimeoutSeconds = 1800;

/** One image for all nodes, ready on the hosts, and the addresses of the same image for those who start from elsewhere. */
export class TalosImage extends pulumi.ComponentResource {
  static readonly type = "homelab:talos:TalosImage";
  /** Hash of what the image contains. */
  readonly schematicId: pulumi.Output<string>;
  /** Container image Talos installs and upgrades itself from. */
  readonly installerImage: pulumi.Output<string>;
  /** Id of the image's file by host. */
  readonly fileIds: Readonly<Record<string, pulumi.Output<string>>>;
  /** ISO for the first boot: the same, and what a machine needs to find the network before it is configured. */
  readonly isoUrl: pulumi.Output<string>;
  /** iPXE script for the first boot. */
  readonly pxeUrl: pulumi.Output<string>;

  constructor(name: string, args: TalosImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super(TalosImage.type, name, { plan: args.plan, hosts: args.hosts }, opts);
    const { plan } = args;
    const { host: factory } = new URL(args.factoryUrl);
    const schematic = new talos.imagefactory.Schematic(
      `${name}-schematic`,
      { schematic: renderSchematic(plan) },
      { parent: this },
    );
    const { id } = schematic;
    const boot =
      plan.bootKernelArgs.length === 0
        ? schematic
        : new talos.imagefactory.Schematic(
            `${name}-boot-schematic`,
            { schematic: renderSchematic(plan, "first-boot") },
            { parent: this },
          );
    const version = plan.talosVersion;
    const flavour = imageFlavour(plan);
    const base = pulumi.interpolate`https://${factory}/image/${id}/${version}/${flavour}`;
    const shortId = id.apply((text) => text.slice(0, shortIdLength));
    const files = args.hosts.map((host) => {
      const inputs: DownloadFileArgs = {
        nodeName: host,
        datastoreId: args.datastore ?? "local",
        // Only what is meant for importing can be put on a disk by the API; the provider does it over SSH otherwise.
        contentType: "import",
        // The name is part of a machine's disk: it changes with the image and with nothing else.
        fileName: pulumi.interpolate`talos-${shortId}-${version}-${flavour}.qcow2`,
        url: pulumi.interpolate`${base}.qcow2`,
        // Sizes are compared otherwise, and a factory that builds the image again need not come to the same byte.
        overwrite: false,
        uploadTimeout: downloadTimeoutSeconds,
      };
      return [host, new DownloadFile(`${name}-${host}`, inputs, { parent: this }).id] as const;
    });
    this.schematicId = id;
    this.installerImage = pulumi.interpolate`${factory}/${installerName(plan)}/${id}:${version}`;
    this.fileIds = Object.fromEntries(files);
    this.isoUrl = pulumi.interpolate`https://${factory}/image/${boot.id}/${version}/${flavour}.iso`;
    this.pxeUrl = pulumi.interpolate`https://pxe.${factory}/pxe/${boot.id}/${version}/${flavour}`;
    this.registerOutputs({
      schematicId: this.schematicId,
      installerImage: this.installerImage,
      fileIds: this.fileIds,
      isoUrl: this.isoUrl,
      pxeUrl: this.pxeUrl,
    });
  }
}
