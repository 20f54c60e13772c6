// Before anything of an upgrade: may these versions follow what runs, and is there a way back?
import { renderOperatorScript } from "./operator-script.ts";

/**
 * Compares the versions wanted with those that run, refuses to go back or to skip a minor release, and takes a snapshot of etcd when
 * something is going to change. By environment: `TALOS_VERSION`, `KUBERNETES_VERSION`, `NODES` (addresses), `SNAPSHOT_NAME`. A cluster that
 * is not there yet is nothing to compare with. Stdout is the pair of versions: the next run has nothing to ask while it is the same.
 */
export function renderUpgradeCheck(cluster: string): string {
  return renderOperatorScript(
    { subject: cluster, step: "upgrade check" },
    `
target="$TALOS_VERSION $KUBERNETES_VERSION"
if [ "\${PULUMI_COMMAND_STDOUT:-}" = "$target" ]; then
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
changes=no found=
for address in $NODES; do
  version=$(talos_version "$address") || continue
  found=yes
  allow Talos "$address" "$version" "$TALOS_VERSION"
done
if [ -z "$found" ]; then
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
