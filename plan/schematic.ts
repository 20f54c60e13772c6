// The image factory's schematic: what an image contains besides Talos. Its id is the hash of this very text, so that addresses of images
// are known before anything is deployed (a machine has to be booted from one before the program can reach it).
import { createHash } from "node:crypto";
import type { ImagePlan } from "./plan.ts";

/** What an image is made for: to be installed, or to boot a machine that has nothing yet. */
export type ImageUse = "installed" | "first-boot";

/** The schematic in the form the factory itself writes it (gopkg.in/yaml.v3, four spaces). */
export function renderSchematic(plan: ImagePlan, use: ImageUse = "installed"): string {
  const extraKernelArgs = [...plan.extraKernelArgs, ...(use === "first-boot" ? plan.bootKernelArgs : [])];
  const extensions = [...plan.extensions].sort();
  const lines = [
    ...(extraKernelArgs.length === 0
      ? []
      : ["    extraKernelArgs:", ...extraKernelArgs.map((text) => `        - ${text}`)]),
    ...(extensions.length === 0
      ? []
      : ["    systemExtensions:", "        officialExtensions:", ...extensions.map((text) => `            - ${text}`)]),
    // Without the makers' own certificates the firmware would refuse the cards' option ROMs, too.
    ...(plan.secureBoot ? ["    secureboot:", "        includeWellKnownCertificates: true"] : []),
  ];
  return lines.length === 0 ? "customization: {}\n" : `${["customization:", ...lines].join("\n")}\n`;
}

/** Id under which the factory knows a schematic that {@link renderSchematic} wrote. */
export function schematicId(schematic: string): string {
  return createHash("sha256").update(schematic).digest("hex");
}

/** How the factory calls the image: platform, architecture, and whether it is signed. */
export function imageFlavour({ platform, architecture, secureBoot }: ImagePlan): string {
  return `${platform}-${architecture}${signed(secureBoot)}`;
}

/** How the factory calls the container image that Talos installs and upgrades itself from. */
export function installerName({ platform, secureBoot }: Pick<ImagePlan, "platform" | "secureBoot">): string {
  return `${platform}-installer${signed(secureBoot)}`;
}

const signed = (secureBoot: boolean): string => (secureBoot ? "-secureboot" : "");

/** Where the image for the first boot is found. */
export interface BootImageUrls {
  /** For a USB stick. */
  readonly iso: string;
  /** iPXE script. */
  readonly pxe: string;
}

/** Addresses of the image for the first boot at a factory, e.g. `https://factory.talos.dev`. */
export function bootImageUrls(plan: ImagePlan, factoryUrl: string): BootImageUrls {
  const { host } = new URL(factoryUrl);
  const id = schematicId(renderSchematic(plan, "first-boot"));
  const flavour = imageFlavour(plan);
  return {
    iso: `https://${host}/image/${id}/${plan.talosVersion}/${flavour}.iso`,
    pxe: `https://pxe.${host}/pxe/${id}/${plan.talosVersion}/${flavour}`,
  };
}
