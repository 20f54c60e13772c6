// Corosync: the first host makes the cluster, the others join it by the management network. A joining host logs in to the first one as root;
// the two commands around it introduce them to each other, so that nobody types a password and no key is taken on trust.
import { quote, renderScript } from "./script.ts";

/** Arguments of {@link renderClusterCreate}. */
export interface ClusterCreateScript {
  readonly host: string;
  readonly cluster: string;
  /** Own address on the management network. */
  readonly address: string;
}

const isQuorate = `is_quorate() { pvecm status | grep -E '^Quorate: +Yes'; }`;

/** A host is in no cluster, in the right one, or in a wrong one. */
const membership = (cluster: string): string => `
cluster=${quote(cluster)}
present=$(pvecm status 2>/dev/null | awk '$1 == "Name:" { print $2 }')
case $present in
  "" | "$cluster") ;;
  *) fail "is a member of cluster $present; a host leaves a cluster only by being installed anew" ;;
esac`;

/**
 * Makes the cluster and prints the first host's public host key.
 *
 * Uses: awk, cat, grep, printf, pvecm, sleep.
 */
export function renderClusterCreate(args: ClusterCreateScript): string {
  return renderScript(
    { host: args.host, step: `cluster ${args.cluster}` },
    `${membership(args.cluster)}
${isQuorate}
if [ -n "$present" ]; then
  say "nothing to do: the cluster is there"
else
  bounded 300 pvecm create "$cluster" --link0 ${quote(args.address)} >&2
fi
wait_for quorum 30 2 is_quorate
cat /etc/ssh/ssh_host_ed25519_key.pub
`,
  );
}

/**
 * On a joining host, stdin is the public host key of the first: notes it down and prints root's own public key.
 *
 * Uses: awk, cat, grep, mkdir, printf, ssh-keygen (only where root has no key), tee.
 */
export function renderClusterIntroduce(args: { readonly host: string; readonly firstAddress: string }): string {
  return renderScript(
    { host: args.host, step: "introduction" },
    String.raw`
known=/root/.ssh/known_hosts
line="${args.firstAddress} $(awk 'NR == 1 { print $1 " " $2 }')"
mkdir -p /root/.ssh
if ! grep -qxF "$line" "$known" 2>/dev/null; then
  printf '%s\n' "$line" | tee -a "$known" >/dev/null
fi
cat /root/.ssh/id_rsa.pub 2>/dev/null || {
  ssh-keygen -q -t rsa -b 4096 -N '' -f /root/.ssh/id_rsa >&2
  cat /root/.ssh/id_rsa.pub
}
`,
  );
}

/**
 * On the first host, stdin is the public key of a joining one: lets it in. The joining host has its management network only, and corosync
 * takes no members with different numbers of links, so the cluster is brought back to link 0 before a host joins; the others return
 * with `renderCorosyncLinks`.
 *
 * Uses: awk, grep, mv, printf, tee.
 */
export function renderClusterAdmit(args: { readonly host: string; readonly joining: string }): string {
  return renderScript(
    { host: args.host, step: `admission of ${args.joining}` },
    String.raw`
keys=/root/.ssh/authorized_keys
file=/etc/pve/corosync.conf
line=$(awk 'NR == 1')
[ -n "$line" ] || fail ${quote(`${args.joining} has sent no key`)}
if ! grep -qE ${quote(`^ *name: ${args.joining}$`)} "$file" && grep -qE '^ *ring[1-9][0-9]*_addr:' "$file"; then
  awk '
    $1 == "interface" { held = $0; number = 0; next }
    held != "" {
      held = held "\n" $0
      if ($1 == "linknumber:") number = $2
      if ($1 == "}") { if (number == 0) print held; held = "" }
      next
    }
    $1 ~ /^ring[1-9][0-9]*_addr:$/ { next }
    $1 == "config_version:" { sub(/[0-9]+/, $2 + 1) }
    { print }
  ' "$file" | tee "$file.new" >/dev/null
  mv "$file.new" "$file"
  say ${quote(`only link 0 until ${args.joining} has joined`)}
fi
if grep -qxF "$line" "$keys" 2>/dev/null; then
  say "nothing to do: the key is known"
else
  printf '%s\n' "$line" | tee -a "$keys" >/dev/null
fi
`,
  );
}

/** Arguments of {@link renderClusterJoin}. */
export interface ClusterJoinScript extends ClusterCreateScript {
  readonly firstAddress: string;
}

/**
 * Joins the cluster.
 *
 * Uses: awk, grep, ping, printf, pvecm, sleep, systemctl.
 */
export function renderClusterJoin(args: ClusterJoinScript): string {
  return renderScript(
    { host: args.host, step: `cluster ${args.cluster}` },
    `${membership(args.cluster)}
${isQuorate}
if [ -n "$present" ]; then
  say "nothing to do: is a member"
else
  wait_for "the first host (${args.firstAddress})" 15 2 ping -c 1 -W 2 ${quote(args.firstAddress)}
  bounded 600 pvecm add ${quote(args.firstAddress)} --use_ssh --link0 ${quote(args.address)} >&2
fi
wait_for quorum 60 2 is_quorate
# It starts anew with the cluster's certificates.
wait_for "the host's API" 30 2 systemctl is-active pveproxy
`,
  );
}
