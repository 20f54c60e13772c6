// The network that OSDs replicate over, on a cluster with OSDs or without.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderCephClusterNetwork}. */
export interface CephClusterNetworkScript {
  /** Any host with a monitor. */
  readonly host: string;
  /** Every host with an OSD has an address in it, e.g. `10.8.49.0/24`. */
  readonly clusterPrefix: string;
}

/**
 * Writes Ceph's cluster network. OSDs bind to it when they start, so those that are elsewhere are restarted, one at a time: each only when
 * Ceph can do without it, and none after one that does not come back. Meanwhile both networks are in use, which every host is on. What
 * counts is where the OSDs are, not what the file says, so a run that was cut short is finished by the next. The host's own API restarts an
 * OSD of another host (pveceph, "Ceph services").
 *
 * Uses: awk, ceph, grep, mv, printf, pvesh, sed, sleep, tee, timeout.
 */
export function renderCephClusterNetwork({ host, clusterPrefix }: CephClusterNetworkScript): string {
  return renderScript(
    { host, step: "Ceph cluster network" },
    String.raw`
conf=/etc/pve/ceph.conf
network=${quote(clusterPrefix)}
ask() { timeout 30 ceph "$@"; }
if grep -qxE "[[:space:]]*cluster_network = $network" "$conf"; then
  say "nothing to write: it is $network"
else
  changed=$(awk -v network="$network" '
    $1 == "cluster_network" { next }
    { print }
    $1 == "public_network" { print "\tcluster_network = " network }' "$conf")
  printf '%s\n' "$changed" | tee "$conf.new" >/dev/null
  mv "$conf.new" "$conf"
  say "it is $network from now on"
fi
# OSDs that are up and have their back address in the network, one a line
settled() {
  ask osd dump | awk -v network="$network" '
    function number(address,  part) { split(address, part, "."); return ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4] }
    BEGIN { split(network, half, "/"); size = 2 ^ (32 - half[2]) }
    $1 ~ /^osd\.[0-9]+$/ && $2 == "up" {
      back = ""
      for (i = 3; i <= NF; i++) if ($i ~ /^\[?v[12]:/) back = $i
      sub(/^\[?v[12]:/, "", back)
      sub(/:.*/, "", back)
      if (int(number(back) / size) == int(number(half[1]) / size)) print substr($1, 5)
    }'
}
is_settled() { settled | grep -qx "$1"; }
ids=$(ask osd ls)
for id in $ids; do
  is_settled "$id" && continue
  wait_for "Ceph to be able to do without osd.$id" 60 10 ask osd ok-to-stop "$id"
  node=$(ask osd metadata "$id" --format json | sed -n 's/.*"hostname": *"\([^"]*\)".*/\1/p')
  [ -n "$node" ] || fail "osd.$id has never run on any host; start it, or take it out of Ceph"
  say "restarting osd.$id of $node"
  bounded 120 pvesh create "/nodes/$node/ceph/restart" --service "osd.$id" >&2
  wait_for "osd.$id to be up on $network; the others are as they were (ceph osd dump)" 40 5 is_settled "$id"
done
`,
  );
}
