// Before anything of an upgrade: may these versions follow what runs, and is there a way back?
import { renderOperatorScript } from "./operator-script.ts";

/**
 * Compares the versions wanted with those that run, refuses to go back or to skip a minor release, and takes a snapshot of etcd when
 * something is going to change. Volumes stay encrypted, or not, as they were installed. By environment: `TALOS_VERSION`, `KUBERNETES_VERSION`,
 * `ENCRYPTED` (`<address>/<volume>`, all others are open), `NODES` (addresses), `SNAPSHOT_NAME`. A cluster that is not there yet is nothing to
 * compare with; one that was made with other secrets is left alone. Stdout is what was wanted: the next run has nothing to ask while it is
 * the same.
 */
export function renderUpgradeCheck(cluster: string): string {
  return renderOperatorScript(
    { subject: cluster, step: "upgrade check" },
    `
ENCRYPTED=\${ENCRYPTED:-}
target="$TALOS_VERSION $KUBERNETES_VERSION\${ENCRYPTED:+ encrypted: $ENCRYPTED}"
# A cluster that does not take this access is another one, or clocks disagree: the certificate was made just now, or is good for weeks.
refuse_foreign() {
  for address in $CONTROL_PLANES; do
    answer=$(limited 60 talosctl -e "$address" -n "$address" version 2>&1) && return 0
    case $answer in
      *"unknown authority"* | *"unknown certificate authority"*)
        fail "a cluster with other secrets lives at $address; no node was changed. If it is this one, bring its secrets back (docs/guides/when-it-fails.md, Lost secrets); if not, switch it off or use other addresses" ;;
      *"expired certificate"* | *"not yet valid"*)
        fail "this machine and $address disagree about the time; no node was changed. Set this machine's clock, or the rack's time server; last answer: $answer" ;;
    esac
  done
}
if [ "\${PULUMI_COMMAND_STDOUT:-}" = "$target" ]; then
  refuse_foreign
  printf '%s' "$target"
  exit 0
fi
allow() { # what, where, from, to
  [ "$3" = "$4" ] && return 0
  changes=yes
  [ "$(number "$3")" -lt "$(number "$4")" ] ||
    fail "$2 runs $1 $3, and the description says $4; going back is not supported: keep $3, or restore a backup (docs/guides/backup-restore.md)"
  [ $(($(minor "$4") - $(minor "$3"))) -le 1 ] ||
    fail "$2 runs $1 $3, and $4 skips a minor release; go by v1.$(($(minor "$3") + 1)) first"
}
same_encryption() { # address
  for volume in STATE EPHEMERAL; do
    status=$(ask -n "$1" get volumestatus "$volume" -o yaml 2>/dev/null) || continue
    wanted=open is=open
    case " $ENCRYPTED " in *" $1/$volume "*) wanted=encrypted ;; esac
    case "$status" in *"encryptionProvider: luks2"*) is=encrypted ;; esac
    [ "$is" = "$wanted" ] ||
      fail "$volume of $1 was installed $is, and the description says $wanted; Talos does not change that in place and would not start again: write it as it is (talos.diskEncryption, openNodes), or install the node anew first (docs/guides/secure-boot.md)"
  done
}
changes=no found=
for address in $NODES; do
  version=$(talos_version "$address") || continue
  found=yes
  allow Talos "$address" "$version" "$TALOS_VERSION"
  same_encryption "$address"
done
if [ -z "$found" ]; then
  refuse_foreign
  [ -z "\${PULUMI_COMMAND_STDOUT:-}" ] || fail "no node of the cluster answers, so nothing can be upgraded; see which are up: talosctl -n <address> version"
  say "no cluster yet: nothing to compare with"
elif kube get nodes -o 'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}' >"$work/kubelets"; then
  while read -r name version; do
    allow Kubernetes "$name" "$version" "$KUBERNETES_VERSION"
  done <"$work/kubelets"
elif [ -n "\${PULUMI_COMMAND_STDOUT:-}" ]; then
  fail "the Kubernetes API does not answer, so nothing can be upgraded; see: talosctl -n <control plane> service"
fi
if [ "$changes" = yes ]; then
  wait_for "a healthy etcd" 12 10 etcd_healthy
  folder="\${XDG_STATE_HOME:-$HOME/.local/state}/homelab"
  mkdir -p "$folder"
  talos -n "$(an_entry)" etcd snapshot "$folder/$SNAPSHOT_NAME-$(date -u +%Y%m%dT%H%M%SZ).snapshot" >&2
fi
printf '%s' "$target"`,
  );
}
