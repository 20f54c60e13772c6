// Images that a host downloads from a URL.
import { type Context, resource } from "../../plugin/contract.ts";
import { proxmoxHosts } from "../../rack/hosts.ts";
import { addressesOf } from "../../rack/network.ts";
import { reach } from "../../rack/reach.ts";
import { addVolume, GIB, removeVolume, type Storage, storageOf, volumeOf } from "../../rack/storage.ts";
import { routers } from "../../rack/switches.ts";
import { vmsOn } from "../../rack/vms.ts";
import { apiError, nodeApi, splitId } from "./api.ts";

interface Download {
  nodeName: string;
  datastoreId: string;
  contentType: string;
  url: string;
  fileName?: string;
  checksum?: string;
  checksumAlgorithm?: string;
  decompressionAlgorithm?: string;
  overwrite: boolean;
  overwriteUnmanaged: boolean;
  uploadTimeout: number;
  verify: boolean;
}
interface Downloaded extends Download {
  size: number;
}

/** A decompressed Talos disk image; a boot medium is about a tenth of it. */
const DISK_IMAGE_BYTES = 4 * GIB;
const OTHER_BYTES = GIB / 2;

/** Bytes of an image once it lies on a storage. */
export function imageSize(url: string): number {
  return /\.(raw|img|qcow2)(\.|$)/.test(url) ? DISK_IMAGE_BYTES : OTHER_BYTES;
}

/** Name resolution and the way to the internet, as the host has them. */
export function requireInternet(context: Context, node: string, host: string): void {
  const fail = (reason: string) =>
    new Error(
      `Error initiating file download: Could not get file metadata, unexpected error: error fetching metadata from download url: ${apiError(500, reason).message}`,
    );
  const servers = proxmoxHosts(context.rack).get(node)?.dns.servers ?? [];
  const router = routers(context.rack).list()[0]?.body;
  const isRouter = (address: string) => router?.interfaces.some((own) => own.address === address) ?? false;
  // Servers that nobody simulates (1.1.1.1) are beyond the router.
  const gateways = router?.interfaces.map(({ address }) => address) ?? [];
  const wayOut = gateways.some((address) => reach(context.rack, { from: node, to: address }).ok);
  const answers = servers.some((address) =>
    isRouter(address) || addressesOf(context.rack, node).includes(address)
      ? reach(context.rack, { from: node, to: address }).ok
      : wayOut,
  );
  if (!answers) throw fail(`Can't connect to ${host}:443 (Temporary failure in name resolution)`);
  if (!wayOut) throw fail(`Can't connect to ${host}:443 (No route to host)`);
}

/** The schematic without customization: the factory knows it without being told. */
const EMPTY_SCHEMATIC = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d32b4ba";

/** The image factory answers for schematics that it was given. */
export function requireOnServer({ rack }: Context, url: string): void {
  const [, schematic] = /\/image\/([0-9a-f]{64})\//.exec(url) ?? [];
  if (schematic === undefined || schematic === EMPTY_SCHEMATIC || rack.collection("schematic").get(schematic)) return;
  throw new Error(
    `Error initiating file download: Could not get file metadata, unexpected error: ${apiError(400, `invalid server response: '404 Not Found' (${url})`).message}`,
  );
}

function checkStorage(storage: Storage, inputs: Download): void {
  if (!storage.content.includes(inputs.contentType)) {
    throw apiError(500, `storage '${inputs.datastoreId}' is not configured for content-type '${inputs.contentType}'`);
  }
}

/** Images that a host fetches, by token. */
export const downloadResources = {
  "proxmoxve:download/file:File": resource<Download, Downloaded>({
    latencyMs: { create: 60_000, read: 100, delete: 1_000 },
    check: ({ contentType, decompressionAlgorithm }) => [
      ...(typeof contentType === "string" && !["iso", "vztmpl", "import"].includes(contentType)
        ? [
            {
              property: "contentType",
              reason: `Attribute content_type value must be one of: ["iso" "vztmpl" "import"], got: "${contentType}"`,
            },
          ]
        : []),
      ...(typeof decompressionAlgorithm === "string" && !["gz", "lzo", "zst", "bz2"].includes(decompressionAlgorithm)
        ? [
            {
              property: "decompressionAlgorithm",
              reason: `Attribute decompression_algorithm value must be one of: ["gz" "lzo" "zst" "bz2"], got: "${decompressionAlgorithm}"`,
            },
          ]
        : []),
    ],
    create(context, inputs) {
      const { nodeName: node, datastoreId, contentType, url } = inputs;
      nodeApi(context, node);
      const { storage } = storageOf(context.rack, node, datastoreId);
      checkStorage(storage, inputs);
      if (!URL.canParse(url))
        throw apiError(400, `Parameter verification failed. (url: value '${url}' does not match the regex pattern)`);
      requireInternet(context, node, new URL(url).hostname);
      requireOnServer(context, url);
      const fileName = inputs.fileName ?? new URL(url).pathname.split("/").at(-1) ?? "download";
      const allowed =
        contentType === "iso"
          ? /\.(iso|img)$/
          : contentType === "import"
            ? /\.(qcow2|raw|vmdk|ova|ovf)$/
            : /\.tar\.(gz|xz|zst)$/;
      if (!allowed.test(fileName))
        throw apiError(
          400,
          `Parameter verification failed. (filename: wrong file extension: '${fileName}' for content-type '${contentType}')`,
        );
      const volumeId = `${datastoreId}:${contentType}/${fileName}`;
      if (volumeOf(context.rack, node, volumeId)) {
        if (!inputs.overwriteUnmanaged) {
          throw new Error(
            `File already exists in the datastore, it was created outside of Terraform or is managed by another resource.: File already exists in the datastore: '${fileName}', error: refusing to override existing file '${fileName}'`,
          );
        }
        removeVolume(context.rack, node, volumeId);
      }
      const size = imageSize(url);
      addVolume(context.rack, node, datastoreId, {
        name: `${contentType}/${fileName}`,
        content: contentType,
        sizeBytes: size,
        url,
      });
      return {
        id: volumeId,
        outputs: {
          fileName,
          size,
          overwrite: inputs.overwrite ?? true,
          overwriteUnmanaged: inputs.overwriteUnmanaged ?? false,
          uploadTimeout: inputs.uploadTimeout ?? 600,
          verify: inputs.verify ?? true,
        },
      };
    },
    read(context, id, state) {
      // The id does not say which host; on import that is the first part: `node/datastore:content/file`.
      const [node = "", volumeId = ""] =
        state.nodeName === undefined
          ? splitId(id.replace("/", "\n"), "\n", 2, "node_name/datastore_id:content_type/file_name")
          : [state.nodeName, id];
      nodeApi(context, node);
      const volume = volumeOf(context.rack, node, volumeId);
      if (!volume) return undefined;
      const [datastoreId = "", name = ""] = volumeId.split(":");
      const [contentType = "", fileName = ""] = name.split("/");
      return {
        id: volumeId,
        outputs: {
          nodeName: node,
          datastoreId,
          contentType,
          fileName,
          size: volume.sizeBytes,
          ...(volume.url !== undefined && { url: volume.url }),
        },
      };
    },
    update: (_, __, inputs) => inputs,
    delete(context, id, { nodeName }) {
      nodeApi(context, nodeName);
      const user = vmsOn(context.rack, nodeName).find((vm) => vm.config["cdrom"] === id);
      if (user) throw apiError(500, `volume '${id}' is still in use by VM ${user.vmid}`);
      removeVolume(context.rack, nodeName, id);
    },
  }),
};
