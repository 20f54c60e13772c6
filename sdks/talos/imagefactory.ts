// Module `imagefactory` of the talos package (`imageFactory` in its tokens): images with extensions, made to order.
import * as pulumi from "@pulumi/pulumi";
import { invokeOptions, resourceOptions } from "./package-options.ts";

/** Arguments of {@link Schematic}. */
export interface SchematicArgs {
  /** YAML; absent: an image without extensions. */
  schematic?: pulumi.Input<string>;
}

/** What an image contains besides Talos. Its `id` is a hash of the content. */
export class Schematic extends pulumi.CustomResource {
  declare readonly schematic: pulumi.Output<string | undefined>;

  constructor(name: string, args: SchematicArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super("talos:imageFactory/schematic:Schematic", name, { schematic: args.schematic }, resourceOptions(opts));
  }
}

/** Arguments of {@link getUrlsOutput}: a platform or a single-board computer, never both. */
export interface GetUrlsOutputArgs {
  schematicId: pulumi.Input<string>;
  /** With its `v`. */
  talosVersion: pulumi.Input<string>;
  platform?: pulumi.Input<string>;
  sbc?: pulumi.Input<string>;
  /** @default - amd64 */
  architecture?: pulumi.Input<string>;
}

/** Where the images of a schematic lie. */
export interface ImageUrls {
  /** Container image reference for `machine.install.image`. */
  readonly installer: string;
  readonly installerSecureboot: string;
  readonly iso: string;
  readonly isoSecureboot: string;
  /** `….raw.xz`. */
  readonly diskImage: string;
  readonly diskImageSecureboot: string;
  readonly kernel: string;
  readonly initramfs: string;
  readonly kernelCommandLine: string;
  readonly pxe: string;
  readonly uki: string;
}

/** Result of {@link getUrlsOutput}. */
export interface GetUrlsResult {
  readonly id: string;
  readonly architecture: string;
  readonly platform?: string;
  readonly sbc?: string;
  readonly schematicId: string;
  readonly talosVersion: string;
  readonly urls: ImageUrls;
}

/** The URLs of a schematic's images. */
export function getUrlsOutput(
  args: GetUrlsOutputArgs,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetUrlsResult> {
  return pulumi.runtime.invokeOutput(
    "talos:imageFactory/getUrls:getUrls",
    {
      architecture: args.architecture,
      platform: args.platform,
      sbc: args.sbc,
      schematicId: args.schematicId,
      talosVersion: args.talosVersion,
    },
    invokeOptions(opts),
  );
}
