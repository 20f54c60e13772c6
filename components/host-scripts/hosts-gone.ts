// Hosts that the description does not name any more have none of Ceph's data: asked of Ceph itself, not of what was once recorded.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderHostsGone}. */
export interface HostsGoneScript {
  /** Where it is asked. */
  readonly host: string;
  /** All that are left. */
  readonly hosts: readonly string[];
}

/**
 * Fails while a host that is not named has an OSD or a monitor. Its vote in the Proxmox cluster stays until what the API made on it is gone too.
 *
 * Uses: ceph, printf, sed, timeout, tr.
 */
export function renderHostsGone({ host, hosts }: HostsGoneScript): string {
  return renderScript(
    { host, step: "hosts that are gone" },
    String.raw`
left=${quote(` ${hosts.join(" ")} `)}
is_left() { case "$left" in *" $1 "*) return 0 ;; esac; return 1; }
if [ -e /etc/pve/ceph.conf ] && command -v ceph >/dev/null; then
  for kind in osd mon; do
    list=$(timeout 60 ceph node ls "$kind" --format json) || fail "Ceph does not say on which hosts it runs; see: ceph -s"
    # {"host":[0,1],"other":["other"]}: a host and what runs there on a line
    printf '%s' "$list" | tr -d '{} \n[\042' | tr ']' '\n' | sed 's/^,//' | while IFS=: read -r where what; do
      is_left "$where" || [ -z "$what" ] ||
        fail "$where is not in the description any more and still has Ceph's $kind $what; move its data off first (docs/guides/remove-host.md)"
    done
  done
fi
say "none that holds anything"
`,
  );
}
