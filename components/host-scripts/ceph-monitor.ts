// A monitor and a manager on one host.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderCephMonitor}. */
export interface CephMonitorScript {
  readonly host: string;
  /** On Ceph's network. */
  readonly address: string;
}

/**
 * Makes monitor and manager where they are missing, and waits until the monitor has quorum. Monitors are named after their hosts. Without
 * any monitor `ceph` would wait for one for minutes, so each question has a limit.
 *
 * Uses: ceph, grep, printf, pveceph, sleep, timeout.
 */
export function renderCephMonitor(args: CephMonitorScript): string {
  return renderScript(
    { host: args.host, step: "Ceph monitor" },
    String.raw`
host=${quote(args.host)}
address=${quote(args.address)}
ask() { timeout 20 ceph "$@"; }
if grep -qxF "[mon.$host]" /etc/pve/ceph.conf; then
  say "nothing to do: the monitor is there"
else
  bounded 300 pveceph mon create --mon-address "$address" >&2
fi
has_quorum() { ask quorum_status --format json | grep -E "\"quorum_names\":\[[^]]*\"$host\""; }
wait_for "the monitor on $address to be in quorum" 20 3 has_quorum
has_manager() { ask mgr dump --format json | grep -E "\"(active_name|name)\": ?\"$host\""; }
if has_manager >/dev/null; then
  say "nothing to do: the manager is there"
else
  bounded 300 pveceph mgr create >&2
fi
wait_for "the manager" 20 3 has_manager
`,
  );
}
