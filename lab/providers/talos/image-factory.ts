// Resources and functions of the module `imageFactory`.
import { createHash } from "node:crypto";
import { fn, resource } from "../../plugin/contract.ts";
import { getSchematic, listExtensions, talosVersions, uploadSchematic } from "../../rack/talos/image-factory.ts";

const FACTORY = "factory.talos.dev";

export const schematic = resource<{ schematic?: string }>({
  latencyMs: { create: 300 },
  create: ({ rack }, inputs) => ({ id: uploadSchematic(rack, inputs.schematic ?? "customization: {}\n") }),
  read: ({ rack }, id, state) => (getSchematic(rack, id) ? { outputs: state } : undefined),
  // The factory never forgets a schematic: its id is its content.
  delete() {},
});

interface UrlsArgs {
  talosVersion: string;
  schematicId: string;
  platform?: string;
  sbc?: string;
  architecture?: string;
}

function urlsOf({ talosVersion, schematicId, platform, architecture = "amd64" }: UrlsArgs): Record<string, string> {
  const image = `https://${FACTORY}/image/${schematicId}/${talosVersion}`;
  const file = `${platform ?? "metal"}-${architecture}`;
  const installer = platform ?? "metal";
  return {
    installer: `${FACTORY}/${installer}-installer/${schematicId}:${talosVersion}`,
    installerSecureboot: `${FACTORY}/${installer}-installer-secureboot/${schematicId}:${talosVersion}`,
    iso: `${image}/${file}.iso`,
    isoSecureboot: `${image}/${file}-secureboot.iso`,
    diskImage: `${image}/${file}.raw.xz`,
    diskImageSecureboot: `${image}/${file}-secureboot.raw.xz`,
    kernel: `${image}/kernel-${architecture}`,
    initramfs: `${image}/initramfs-${architecture}.xz`,
    kernelCommandLine: `${image}/cmdline-${file}`,
    pxe: `https://pxe.${FACTORY}/pxe/${schematicId}/${talosVersion}/${file}`,
    uki: `${image}/${file}-uki.efi`,
  };
}

function requireVersion(version: string): void {
  if (!talosVersions.includes(version))
    throw new Error(
      `error getting versions: version ${version} is not available; the newest is ${talosVersions.at(-1)}`,
    );
}

export const getUrls = fn<UrlsArgs, { id: string; architecture: string; urls: Record<string, string> }>({
  call({ rack }, args) {
    requireVersion(args.talosVersion);
    if ((args.platform === undefined) === (args.sbc === undefined))
      throw new Error("exactly one of platform and sbc must be set");
    if (!getSchematic(rack, args.schematicId))
      throw new Error(`error getting schematic ${args.schematicId}: schematic not found`);
    return { id: "urls", architecture: args.architecture ?? "amd64", urls: urlsOf(args) };
  },
});

export const getVersions = fn<
  { filters?: { stableVersionsOnly?: boolean } },
  { id: string; talosVersions: readonly string[] }
>({
  call: () => ({ id: "talos_versions", talosVersions }),
});

interface ExtensionsArgs {
  talosVersion: string;
  filters?: { names?: string[] };
  exactFilters?: { names?: string[] };
}

export const getExtensionsVersions = fn<ExtensionsArgs, { id: string; extensionsInfos: object[] }>({
  call(_, { talosVersion, filters, exactFilters }) {
    requireVersion(talosVersion);
    const exact = exactFilters?.names;
    const missing = exact?.find((name) => !listExtensions().includes(name));
    if (missing !== undefined) throw new Error(`extension "${missing}" is not available for Talos ${talosVersion}`);
    const names = listExtensions().filter(
      (name) => exact?.includes(name) ?? filters?.names?.some((part) => name.includes(part)) ?? true,
    );
    const infos = names.map((name) => ({
      name,
      ref: `ghcr.io/${name}:${talosVersion}`,
      digest: `sha256:${createHash("sha256").update(`${name} ${talosVersion}`).digest("hex")}`,
      author: "Sidero Labs",
      description: name,
    }));
    return { id: "extensions_info", extensionsInfos: infos };
  },
});
