// The image factory: schematics (what an image contains besides Talos) and the images made from them.
import { createHash } from "node:crypto";
import { parse, stringify } from "yaml";
import type { Rack } from "../store.ts";
import { type Fields, isFields, type Node } from "./config-documents.ts";

/** Extensions the factory offers (siderolabs/extensions, those of its list that concern this project's hardware and their kin). */
const EXTENSIONS = new Set(
  `amd-ucode amdgpu binfmt-misc bird2 bnx2-bnx2x btrfs chelsio-drivers cloudflared crun drbd ecr-credential-provider fuse3 gasket-driver gvisor
  hailort hello-world-service i915 intel-ice-firmware intel-ucode iscsi-tools kata-containers lldpd mdadm mei nebula newt nfs-utils nfsd nut-client
  nvidia-container-toolkit-lts nvidia-open-gpu-kernel-modules-lts nvme-cli panfrost qemu-guest-agent qlogic-firmware realtek-firmware spin
  stargz-snapshotter tailscale tenstorrent thunderbolt uinput usb-audio-drivers usb-modem-drivers util-linux-tools v4l-uvc-drivers
  vmtoolsd-guest-agent wasmedge xdriver xe xen-guest-agent youki zerotier zfs`
    .split(/\s+/)
    .map((name) => `siderolabs/${name}`),
);

/** Kernel modules that are only there with an extension. */
export const moduleExtensions: Readonly<Record<string, string>> = {
  drbd: "siderolabs/drbd",
  drbd_transport_tcp: "siderolabs/drbd",
  thunderbolt: "siderolabs/thunderbolt",
  thunderbolt_net: "siderolabs/thunderbolt",
};

interface Schematic {
  readonly extensions: readonly string[];
  readonly extraKernelArgs: readonly string[];
}

const schematics = (rack: Rack) => rack.collection<Schematic>("schematic");

function texts(value: Node | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Throws where a map has a key that it may not have. */
function only(fields: Node | undefined, known: readonly string[], path: string): Fields {
  if (fields === undefined || fields === null) return {};
  if (!isFields(fields)) throw new Error(`error parsing schematic: yaml: ${path} is not a map`);
  const unknown = Object.keys(fields).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new Error(`error parsing schematic: yaml: unmarshal errors:\n  field ${unknown} not found in type ${path}`);
  return fields;
}

/** The form that is hashed: keys in the order of the factory's own types, empty parts left out. */
function canonical(text: string): { form: Fields; schematic: Schematic } {
  const root = only(parse(text) as Node, ["overlay", "owner", "customization"], "schematic.Schematic");
  const custom = only(
    root["customization"],
    ["extraKernelArgs", "meta", "systemExtensions", "secureboot", "bootloader"],
    "schematic.Customization",
  );
  const system = only(custom["systemExtensions"], ["officialExtensions"], "schematic.SystemExtensions");
  const extensions = texts(system["officialExtensions"]);
  const extraKernelArgs = texts(custom["extraKernelArgs"]);
  const form: Fields = {};
  if (root["overlay"] !== undefined) form["overlay"] = root["overlay"];
  const customization: Fields = {};
  if (extraKernelArgs.length > 0) customization["extraKernelArgs"] = extraKernelArgs;
  if (custom["meta"] !== undefined) customization["meta"] = custom["meta"];
  if (extensions.length > 0) customization["systemExtensions"] = { officialExtensions: extensions };
  if (custom["secureboot"] !== undefined) customization["secureboot"] = custom["secureboot"];
  if (custom["bootloader"] !== undefined) customization["bootloader"] = custom["bootloader"];
  form["customization"] = customization;
  return { form, schematic: { extensions, extraKernelArgs } };
}

/** Hands a schematic in; returns its id, a hash of the content. */
export function uploadSchematic(rack: Rack, text: string): string {
  const { form, schematic } = canonical(text);
  const unknown = schematic.extensions.find((name) => !EXTENSIONS.has(name));
  if (unknown !== undefined) throw new Error(`official extension "${unknown}" is not available for Talos version`);
  // yaml.v3 of Go indents with four spaces; the empty schematic has the well-known id 376567988ad3….
  const id = createHash("sha256")
    .update(stringify(form, { indent: 4, lineWidth: 0 }))
    .digest("hex");
  schematics(rack).put(id, schematic);
  return id;
}

/** A schematic the factory knows. */
export function getSchematic(rack: Rack, id: string): Schematic | undefined {
  return schematics(rack).get(id);
}

/** What an installer brings onto the disk. */
interface InstallerImage {
  readonly version: string;
  readonly schematic: string;
  readonly platform: "nocloud" | "metal";
  /** Its boot loader is signed. */
  readonly secureBoot: boolean;
  /** Why it cannot be pulled. */
  readonly problem?: string;
}

/** What an installer reference names, e.g. `factory.talos.dev/nocloud-installer/<id>:v1.13.0`, and why it cannot be pulled. */
export function schematicOfImage(rack: Rack, image: string): InstallerImage {
  const match =
    /^(?:[^/]+)\/(?:(nocloud|metal)-)?installer(-secureboot)?(?:\/([0-9a-f]{64}))?:(v\d+\.\d+\.\d+\S*)$/.exec(image);
  const official = /^ghcr\.io\/siderolabs\/installer:(v\d+\.\d+\.\d+\S*)$/.exec(image);
  if (official) return { version: official[1] ?? "", schematic: "", platform: "metal", secureBoot: false };
  if (!match)
    return {
      version: "",
      schematic: "",
      platform: "metal",
      secureBoot: false,
      problem: `install failed: failed to pull image "${image}": not found`,
    };
  const [, platform, signed, schematic = "", version = ""] = match;
  const known = schematic === "" || getSchematic(rack, schematic) !== undefined;
  return {
    version,
    schematic,
    platform: platform === "nocloud" ? "nocloud" : "metal",
    secureBoot: signed !== undefined,
    ...(known ? {} : { problem: `install failed: failed to pull image "${image}": schematic ${schematic} not found` }),
  };
}

/** Talos versions the factory builds, oldest first. */
export const talosVersions = [
  "v1.11.6",
  "v1.12.0",
  "v1.12.1",
  "v1.12.2",
  "v1.12.3",
  "v1.12.4",
  "v1.13.0",
  "v1.13.1",
  "v1.13.2",
];

/** All extensions the factory offers, sorted. */
export function listExtensions(): string[] {
  return [...EXTENSIONS].sort();
}
