// A Ceph client that may use one pool as block devices.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderCephUser}. */
export interface CephUserScript {
  /** Any host with a monitor. */
  readonly host: string;
  /** Without `client.`. */
  readonly user: string;
  readonly pool: string;
}

/**
 * Makes the client where it is missing, sets what it may do (ceph-csi, "Capabilities of Ceph-CSI"), and prints its key: stdout is a secret.
 *
 * Uses: ceph, printf, timeout.
 */
export function renderCephUser(args: CephUserScript): string {
  return renderScript(
    { host: args.host, step: `Ceph client ${args.user}` },
    `
ask() { timeout 30 ceph "$@"; }
entity=${quote(`client.${args.user}`)}
profile=${quote(`profile rbd pool=${args.pool}`)}
if ask auth get-key "$entity" >/dev/null 2>&1; then
  ask auth caps "$entity" mon 'profile rbd' osd "$profile" mgr "$profile" >/dev/null 2>&1 || fail "its rights could not be set"
else
  ask auth get-or-create "$entity" mon 'profile rbd' osd "$profile" mgr "$profile" >/dev/null
fi
ask auth get-key "$entity"
`,
  );
}
