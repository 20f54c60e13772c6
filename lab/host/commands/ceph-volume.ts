// `ceph-volume lvm`: which OSD lies on a disk, and wiping one.
import { cephOsds } from "../../rack/ceph.ts";
import { hosts } from "../../rack/hosts.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { HostContext } from "../installed-command.ts";

export function cephVolume({ rack, host }: HostContext, { args, stdout }: HostCall): number {
  const [kind, verb, ...rest] = args;
  const device = rest.find((argument) => !argument.startsWith("-") && argument !== "json");
  if (kind !== "lvm") throw new CommandFailure(`ceph-volume: error: unrecognized arguments: ${args.join(" ")}`, 2);
  if (verb === "list") {
    const found = cephOsds(rack)
      .list()
      .filter(({ body }) => body.host === host && (device === undefined || body.device === device));
    if (found.length === 0) {
      if (args.includes("json")) stdout.write("{}\n");
      throw new CommandFailure("No valid Ceph lvm devices found");
    }
    const isJson = args.includes("json");
    const json = Object.fromEntries(
      found.map(({ id, body }) => [
        id,
        [{ devices: [body.device], tags: { "ceph.osd_id": id, "ceph.osd_fsid": body.uuid } }],
      ]),
    );
    const text = found.map(
      ({ id, body }) =>
        `\n====== osd.${id} =======\n\n  [block]       ${body.device}\n\n      osd fsid                  ${body.uuid}\n      osd id                    ${id}\n`,
    );
    stdout.write(isJson ? `${JSON.stringify(json)}\n` : text.join(""));
    return 0;
  }
  if (verb === "zap") {
    if (device === undefined)
      throw new CommandFailure("ceph-volume lvm zap: error: the following arguments are required: DEVICES", 2);
    const disk = hosts(rack)
      .get(host)
      ?.disks.find((candidate) => candidate.device === device);
    if (!disk)
      throw new CommandFailure(
        `stderr: lsblk: ${device}: not a block device\nceph-volume lvm zap: error: Unable to proceed with non-existing device: ${device}`,
        2,
      );
    if (disk.use === "system" || disk.holds === "system")
      throw new CommandFailure(`--> RuntimeError: ${device} is mounted: the system lies on it`);
    rack.transaction(() => {
      for (const { id, body } of cephOsds(rack).list())
        if (body.host === host && body.device === device) cephOsds(rack).delete(id);
      hosts(rack).edit(host, (body) => {
        for (const candidate of body.disks) if (candidate.device === device) delete candidate.holds;
      });
    });
    stdout.write(`--> Zapping successful for: <Raw Device: ${device}>\n`);
    return 0;
  }
  throw new CommandFailure(`ceph-volume lvm: error: invalid choice: '${verb ?? ""}'`, 2);
}
