// Talos of one node to the planned version: drained before, healthy after, or everything stops here.
import { renderOperatorScript } from "./operator-script.ts";

/** Marks a node that this script has cordoned; a person's own cordon stays. */
const mark = "homelab/upgrading";

/**
 * Brings one node to `INSTALLER_IMAGE`. By environment besides: `NODE_NAME`, `NODE_ADDRESS`. Does nothing where the node runs that image
 * already, goes on where a killed run stopped, and leaves the node uncordoned when it fails.
 * On the first run a node that does not answer is one that is not installed yet.
 */
export function renderUpgradeNode(node: string): string {
  return renderOperatorScript(
    { subject: node, step: "upgrade" },
    `
image=\${INSTALLER_IMAGE##*/}
wanted_schematic=\${image%%:*} wanted_version=\${image##*:}
is_there() {
  version=$(talos_version "$NODE_ADDRESS") && [ "$version" = "$wanted_version" ] && [ "$(talos_schematic "$NODE_ADDRESS")" = "$wanted_schematic" ]
}
marked() { kube get node "$NODE_NAME" -o 'jsonpath={.metadata.annotations.${mark}}' 2>/dev/null; }
release() {
  [ "$(marked)" = ours ] && kube uncordon "$NODE_NAME" >&2
  kube annotate node "$NODE_NAME" ${mark}- >/dev/null
}
give_up() {
  release || :
  fail "$*"
}
finish() {
  wait_for_or_give_up "etcd to be healthy" 60 etcd_healthy
  wait_for_or_give_up "the node to be Ready" 60 node_ready "$NODE_NAME"
  release
  wait_for_or_give_up "the volumes to be in step" 180 storage_healthy
  wait_for_or_give_up "the workloads to run again" 60 settled "$before"
  say "runs $wanted_version, schematic $wanted_schematic"
}
wait_for_or_give_up() {
  what=$1 tries=$2
  shift 2
  until answer=$("$@" 2>&1); do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || give_up "gave up waiting for $what; no other node is touched; last answer: \${answer:-none}"
    sleep 10
  done
}

if in_maintenance "$NODE_ADDRESS"; then
  say "not installed yet: nothing to upgrade"
  exit 0
fi
if [ -z "$(talos_version "$NODE_ADDRESS")" ]; then
  if [ "\${FIRST_RUN:-no}" = yes ]; then
    say "does not answer, so it is new"
    exit 0
  fi
  wait_for "the node to answer" 60 10 answers "$NODE_ADDRESS"
fi
before=none
if is_there; then
  [ -n "$(marked)" ] || { say "runs $wanted_version already"; exit 0; }
  say "goes on where the last run stopped"
  finish
  exit 0
fi
from=$(talos_version "$NODE_ADDRESS")
[ "$(number "$from")" -le "$(number "$wanted_version")" ] || fail "runs Talos $from, newer than $wanted_version; going back is not supported"
say "from $from to $wanted_version"
wait_for "etcd to be healthy" 60 10 etcd_healthy
wait_for "every other node to be Ready" 12 10 others_ready "$NODE_NAME"
wait_for "the volumes to be in step" 60 10 storage_healthy
before=$(unready_workloads) || fail "the Kubernetes API does not answer"
[ -n "$before" ] || before=none
if [ -z "$(marked)" ]; then
  if [ "$(kube get node "$NODE_NAME" -o 'jsonpath={.spec.unschedulable}')" = true ]; then owner=theirs; else owner=ours; fi
  kube annotate node "$NODE_NAME" ${mark}="$owner" --overwrite >/dev/null
fi
kube drain "$NODE_NAME" --ignore-daemonsets --delete-emptydir-data --force --timeout "\${DRAIN_TIMEOUT:-300s}" >&2 ||
  give_up "could not be drained in \${DRAIN_TIMEOUT:-300s}; a PodDisruptionBudget that allows no disruption is the usual reason: kubectl get pdb -A"
talos -n "$NODE_ADDRESS" upgrade --image "$INSTALLER_IMAGE" --drain=false --timeout 20m >&2 || :
wait_for_or_give_up "the node to come back with $wanted_version" 60 is_there
finish`,
  );
}
