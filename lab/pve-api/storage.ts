// Storages of a host and what lies on them; images that a host fetches by itself.
import { apiError, nodeApi } from "../providers/proxmoxve/api.ts";
import { downloadResources, imageSize, requireInternet, requireOnServer } from "../providers/proxmoxve/download.ts";
import { removeVolume, storageOf, usedBytes, type Volume } from "../rack/storage.ts";
import { vmsOn } from "../rack/vms.ts";
import type { Call, Endpoint } from "./endpoint.ts";
import { pluginResource } from "./plugin-resource.ts";

const download = pluginResource(downloadResources["proxmoxve:download/file:File"]);

function requested(call: Call) {
  const [node = "", name = ""] = [call.path["node"], call.path["storage"]];
  nodeApi(call.context, node);
  return { node, name, ...storageOf(call.context.rack, node, name) };
}

const formatOf = (volume: Volume): string =>
  volume.content === "iso" ? "iso" : (/\.(qcow2|vmdk)$/.exec(volume.name)?.[1] ?? "raw");

function listed(storage: string, volume: Volume): object {
  const [, vmid] = /^vm-(\d+)-/.exec(volume.name) ?? [];
  return {
    ...{
      volid: `${storage}:${volume.name}`,
      content: volume.content,
      format: formatOf(volume),
      size: volume.sizeBytes,
    },
    ...(vmid !== undefined && { vmid: Number(vmid) }),
  };
}

/** `local:iso/x.img`, or what follows the colon. */
const volumeName = (volume: string): string => volume.slice(volume.indexOf(":") + 1);

export const storageEndpoints: readonly Endpoint[] = [
  {
    method: "GET",
    path: "/nodes/{node}/storage/{storage}/status",
    answer: (call) => {
      const { storage } = requested(call);
      const [total, used] = [storage.capacityBytes, usedBytes(storage)];
      const shared = storage.host === undefined ? 1 : 0;
      return {
        type: storage.type,
        content: storage.content.join(","),
        active: 1,
        enabled: 1,
        shared,
        total,
        used,
        avail: total - used,
      };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/storage/{storage}/content",
    accepts: ["content", "vmid"],
    answer: (call) => {
      const { name, storage } = requested(call);
      const { content } = call.parameters;
      const volumes = Object.values(storage.volumes);
      return volumes
        .filter((volume) => content === undefined || volume.content === content)
        .map((volume) => listed(name, volume));
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/storage/{storage}/content/{volume}",
    answer: (call) => {
      const { storage } = requested(call);
      const volume = storage.volumes[volumeName(call.path["volume"] ?? "")];
      if (volume === undefined) throw apiError(500, `volume '${call.path["volume"]}' does not exist`);
      return {
        path: `/var/lib/vz/template/${volume.name}`,
        format: formatOf(volume),
        size: volume.sizeBytes,
        used: volume.sizeBytes,
      };
    },
  },
  {
    method: "DELETE",
    path: "/nodes/{node}/storage/{storage}/content/{volume}",
    accepts: ["delay"],
    answer: (call) => {
      const { node, name } = requested(call);
      const id = `${name}:${volumeName(call.path["volume"] ?? "")}`;
      const user = vmsOn(call.context.rack, node).find((vm) => vm.disks.some(({ volumeId }) => volumeId === id));
      if (user) throw apiError(500, `volume '${id}' is still in use by VM ${user.vmid}`);
      return call.task(node, "imgdel", id, () => removeVolume(call.context.rack, node, id));
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/query-url-metadata",
    accepts: ["verify-certificates"],
    requires: ["url"],
    answer: (call) => {
      const [node = "", url = ""] = [call.path["node"], call.parameters["url"]];
      nodeApi(call.context, node);
      requireInternet(call.context, node, new URL(url).hostname);
      requireOnServer(call.context, url);
      return { filename: url.split("/").at(-1), mimetype: "application/octet-stream", size: imageSize(url) };
    },
  },
  {
    method: "POST",
    path: "/nodes/{node}/storage/{storage}/download-url",
    accepts: ["checksum", "checksum-algorithm", "compression", "node", "storage", "verify-certificates"],
    requires: ["content", "filename", "url"],
    answer: (call) => {
      const { node, name } = requested(call);
      const { content, filename, url, compression } = call.parameters;
      // pve-storage, PVE/API2/Storage/Status.pm: only an image for booting is unpacked.
      if (compression !== undefined && content !== "iso")
        throw apiError(500, `decompression not supported for ${content}`);
      return call.task(node, "download", filename ?? "", () => {
        const inputs = { nodeName: node, datastoreId: name, contentType: content, fileName: filename, url };
        download.create(call.context, { ...inputs, overwriteUnmanaged: false });
      });
    },
  },
];
