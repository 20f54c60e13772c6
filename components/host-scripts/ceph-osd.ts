// One OSD on one disk.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderCephOsd}. */
export interface CephOsdScript {
  readonly host: string;
  /** Stable path of the whole disk, e.g. `/dev/disk/by-id/nvme-…`. */
  readonly device: string;
}

/**
 * Makes the OSD where the disk holds none, waits until it is up, and prints its id. A disk with anything on it is refused by pveceph; it is
 * never wiped here.
 *
 * Uses: awk, ceph, ceph-volume, grep, printf, pveceph, readlink, sleep, timeout.
 */
export function renderCephOsd(args: CephOsdScript): string {
  return renderScript(
    { host: args.host, step: `OSD on ${args.device}` },
    String.raw`
device=$(readlink -f ${quote(args.device)})
osd_id() { ceph-volume lvm list "$device" 2>/dev/null | awk '$1 == "osd" && $2 == "id" { print $3; exit }'; }
id=$(osd_id)
if [ -n "$id" ]; then
  say "nothing to do: it is osd.$id"
else
  bounded 900 pveceph osd create "$device" >&2 || fail "pveceph made no OSD; if the disk holds old data that may go: ceph-volume lvm zap $device --destroy"
  id=$(osd_id)
  [ -n "$id" ] || fail "the disk holds no OSD after pveceph made one; see /var/log/ceph/ceph-volume.log"
fi
is_up() { timeout 20 ceph osd info "osd.$id" | grep -E "^osd\.$id +up "; }
wait_for "osd.$id to be up" 30 3 is_up
printf '%s\n' "$id"
`,
  );
}
