// The Ceph cluster as such: its id and its network.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderCephInit}. */
export interface CephInitScript {
  readonly host: string;
  /** All of Ceph's traffic, e.g. `10.8.48.0/24`. */
  readonly publicPrefix: string;
  readonly size: number;
  readonly minSize: number;
}

/**
 * Makes the cluster where there is none and prints its id.
 *
 * Uses: awk, cat, printf, pveceph.
 */
export function renderCephInit(args: CephInitScript): string {
  return renderScript(
    { host: args.host, step: "Ceph cluster" },
    `
conf=/etc/pve/ceph.conf
network=${quote(args.publicPrefix)}
value() { awk -v key="$1" '$1 == key && $2 == "=" { print $3; exit }' "$conf"; }
if cat "$conf" >/dev/null 2>&1; then
  present=$(value public_network)
  [ "$present" = "$network" ] || fail "there is a cluster on $present already, not on $network; a cluster does not change its network by itself"
  say "nothing to do: the cluster is there"
else
  bounded 120 pveceph init --network "$network" --size ${args.size} --min_size ${args.minSize} >&2
fi
value fsid
`,
  );
}
