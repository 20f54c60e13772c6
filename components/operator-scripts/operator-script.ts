// The frame of every script that runs on the operator's machine: access to Talos and Kubernetes that is gone with the script, and the
// questions that all of them ask. POSIX sh; needs talosctl and kubectl.
import { renderScript } from "../host-scripts/script.ts";

/** What a script is about, in every line it prints. */
export interface OperatorFrame {
  /** Node, or the cluster. */
  readonly subject: string;
  /** A few words, e.g. `upgrade`. */
  readonly step: string;
}

/**
 * Wraps the body of a script. It gets by environment: `TALOSCONFIG_TEXT` (never in argv, on disk only in a private temporary directory)
 * and `CONTROL_PLANES` (addresses, by spaces). Functions for the body:
 *
 * - `ask`, `talos`: talosctl (a question, which is given a minute, or an order that takes its time) by the control planes; give `-n`. `talos_version address`, `talos_schematic address`: what runs there.
 * - `kube`: kubectl by a control plane other than `NODE_ADDRESS`, where there is one.
 * - `etcd_healthy`: every member answers, none is a learner, none reports an error. `etcd_complete`: so with all control planes, whoever
 *   else is a member. `etcd_members`, `alive_members`: addresses.
 * - `node_ready name`; `others_ready [name]`: all nodes but that one; `unready_workloads`: one line for each that has fewer pods ready than it wants;
 *   `settled before`: no more of them than `before`, which holds such lines or `none`.
 * - `storage_healthy`: every replica of every volume is up to date and connected (`STORAGE=linstor`; other storage is not on the nodes).
 *   `replicas_of name`: resources that a node takes part in, one a line.
 * - `number version`: so that `[ a -lt b ]` compares releases. `minor version`.
 */
export function renderOperatorScript({ subject, step }: OperatorFrame, body: string): string {
  return renderScript({ host: subject, step }, `${session}\n${questions}\n${body.trim()}`);
}

const session = `
for tool in talosctl kubectl; do
  command -v "$tool" >/dev/null || fail "$tool is not installed on this machine; install it, no older than the cluster"
done
umask 077
work=$(mktemp -d "\${XDG_RUNTIME_DIR:-/tmp}/homelab.XXXXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
printf '%s\\n' "$TALOSCONFIG_TEXT" >"$work/talosconfig"
unset TALOSCONFIG_TEXT
export TALOSCONFIG="$work/talosconfig" KUBECONFIG="$work/kubeconfig"
planes=$(printf '%s' "$CONTROL_PLANES" | tr ' ' ',')
NODE_ADDRESS=\${NODE_ADDRESS:-}`;

const questions = `
if command -v timeout >/dev/null; then limited() { timeout "$@"; }; else limited() { shift && "$@"; }; fi
talos() { talosctl -e "$planes" "$@"; }
ask() { limited 60 talosctl -e "$planes" "$@"; }
number() { printf '%s' "$1" | awk -F '[v.+-]' '{ printf "%d%04d%04d", $2, $3, $4 }'; }
minor() { printf '%s' "$1" | awk -F '[v.+-]' '{ print $3 }'; }
talos_version() {
  ask -n "$1" version 2>/dev/null | awk '/^Server:/ { s = 1 } s && $1 == "Tag:" { print $2; n = 1 } END { exit !n }'
}
talos_schematic() { ask -n "$1" get extensions 2>/dev/null | awk '$(NF-1) == "schematic" { print $NF }'; }
in_maintenance() { limited 60 talosctl -e "$1" -n "$1" version --insecure >/dev/null 2>&1; }
answers() { [ -n "$(talos_version "$1")" ] || in_maintenance "$1"; }
an_entry() {
  for plane in $CONTROL_PLANES; do
    [ "$plane" = "$NODE_ADDRESS" ] && continue
    talos_version "$plane" >/dev/null && printf '%s' "$plane" && return 0
  done
  case " $CONTROL_PLANES " in *" $NODE_ADDRESS "*) talos_version "$NODE_ADDRESS" >/dev/null && printf '%s' "$NODE_ADDRESS" && return 0 ;; esac
  return 1
}
etcd_members() {
  ask -n "$(an_entry)" etcd members 2>/dev/null | awk 'NR > 1 && match($0, /https:\\/\\/[0-9.]+:2380/) { print substr($0, RSTART + 8, RLENGTH - 13) }'
}
members_well() { # addresses
  status=$(ask -n "$(printf '%s' "$1" | tr '\\n ' ',,')" etcd status 2>&1) || { printf '%s\\n' "$status"; return 1; }
  well=$(printf '%s\\n' "$status" | awk 'NR > 1 && $NF ~ /^[0-9]+[.][0-9]+[.][0-9]+$/ && / false / { n++ } END { print n + 0 }')
  [ "$well" -eq "$(printf '%s\\n' "$1" | wc -w)" ] || { printf '%s\\n' "$status"; return 1; }
}
etcd_healthy() {
  members=$(etcd_members)
  [ -n "$members" ] || { echo "etcd names no members"; return 1; }
  members_well "$members"
}
etcd_complete() {
  members=" $(etcd_members | tr '\\n' ' ') "
  for plane in $CONTROL_PLANES; do
    case "$members" in *" $plane "*) ;; *) echo "$plane is no member of etcd"; return 1 ;; esac
  done
  members_well "$CONTROL_PLANES"
}
alive_members() { for member in $(etcd_members); do ! ask -n "$member" etcd status >/dev/null 2>&1 || echo "$member"; done; }
kube() {
  entry=$(an_entry) || { echo "no control plane answers"; return 1; }
  [ -s "$KUBECONFIG" ] || ask -n "$entry" kubeconfig "$KUBECONFIG" --merge=false --force >/dev/null || return 1
  kubectl --server "https://$entry:6443" --request-timeout 30s "$@"
}
node_ready() {
  [ "$(kube get node "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>&1)" = True ] || {
    kube get node "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].message}' 2>&1
    return 1
  }
}
others_ready() {
  kube get nodes -o 'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}' >"$work/ready" || return 1
  awk -v self="\${1:-}" '$1 != self && $2 != "True" { print "not Ready: " $1; n = 1 } END { exit n }' "$work/ready"
}
linstor_() { kube exec -n piraeus-datastore deploy/linstor-controller -- linstor --no-color --no-utf8 "$@"; }
# Ceph lives on the hosts: a node that restarts is no member of it, and its pods' volumes come back with the pods.
storage_healthy() {
  [ "\${STORAGE:-}" = linstor ] || return 0
  linstor_ resource list --all >"$work/resources" || return 1
  awk -F '|' '/State/ && !c { for (i = 1; i <= NF; i++) { if ($i ~ /^ *State *$/) c = i; if ($i ~ /^ *Conns *$/) k = i }; next }
    c && NF > c && ($c !~ /^ *(UpToDate|TieBreaker|Diskless)? *$/ || (k && $k !~ /^ *(Ok)? *$/)) { print; n = 1 } END { exit n }' "$work/resources"
}
replicas_of() {
  linstor_ resource list --all --nodes "$1" >"$work/replicas" || return 1
  awk -F '|' -v node="$1" '{ gsub(/ /, "", $2); gsub(/ /, "", $3) } $3 == node { print $2 }' "$work/replicas"
}
settled() { # what was not ready before
  now=$(unready_workloads) || return 1
  lost=$(printf '%s\\n' "$now" | grep -vxF "$1" || :)
  [ -z "$lost" ] || { echo "not ready any more: $lost"; return 1; }
}
unready_workloads() {
  kube get deployments,statefulsets,daemonsets -A -o 'jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}|{.spec.replicas}|{.status.readyReplicas}|{.status.desiredNumberScheduled}|{.status.numberReady}{"\\n"}{end}' >"$work/workloads" || return 1
  awk -F '|' '$2 + $4 > $3 + $5 { print $1 }' "$work/workloads"
}`;
