// A node leaves: its pods, its data, etcd, and then its own disk. Run when its resource is deleted, before its machine is.

import { interfaceLabelPrefix } from "../linstor/interface-label.ts";
import { wantedMark } from "./mark-members.ts";
import { renderOperatorScript } from "./operator-script.ts";

/**
 * Takes one node out of the cluster. By environment besides: `NODE_NAME`, `NODE_ADDRESS`, `ROLE`, with LINSTOR `REPLICAS`. A node that the description still names
 * goes together with the whole cluster (`pulumi destroy`): nothing is handed over then. Can be run again after every step.
 */
export function renderRemoveNode(node: string): string {
  return renderOperatorScript(
    { subject: node, step: "removal" },
    `
tries=6
until found=$(kube get node "$NODE_NAME" --ignore-not-found -o 'jsonpath={.metadata.name} {.metadata.annotations.${wantedMark}}' 2>&1); do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then
    say "no control plane answers: the whole cluster is gone, nothing to hand over"
    exit 0
  fi
  sleep 10
done
case "$found" in
  "") say "is no member any more"; exit 0 ;;
  "$NODE_NAME no") ;;
  *) say "goes with the whole cluster: nothing to hand over"; exit 0 ;;
esac

linstor_knows() {
  linstor_ node list >"$work/satellites" || fail "LINSTOR does not answer, and may have the last replica of a volume on it: kubectl -n piraeus-datastore get pods"
  grep -q "[| ]$1 " "$work/satellites"
}
member_id() { ask -n "$(an_entry)" etcd members 2>/dev/null | awk -v name="$NODE_NAME" '$3 == name { print $2 }'; }
if [ "$ROLE" = controlplane ] && [ -n "$(member_id)" ]; then
  others=$(alive_members | grep -cvxF "$NODE_ADDRESS" || :)
  all=$(etcd_members | wc -l)
  [ "$((others * 2))" -gt "$((all - 1))" ] ||
    fail "etcd would lose its majority: without this node $others of $((all - 1)) members are alive; repair or replace the others first"
fi
if [ "\${STORAGE:-}" = linstor ] && linstor_knows "$NODE_NAME"; then
  linstor_ storage-pool list >"$work/pools"
  places=$(awk -F '|' -v node="$NODE_NAME" '!/DISKLESS/ && / Ok / { gsub(/ /, "", $3); if ($3 != node && !seen[$3]++) n++ } END { print n + 0 }' "$work/pools")
  held=$(replicas_of "$NODE_NAME")
  [ -z "$held" ] || [ "$places" -ge "\${REPLICAS:-1}" ] ||
    fail "its volumes have $REPLICAS replicas, and nodes that can hold one without it: $places; add a node with a disk for LINSTOR, or repair one, first"
fi
if node_ready "$NODE_NAME" >/dev/null; then
  kube drain "$NODE_NAME" --ignore-daemonsets --delete-emptydir-data --force --timeout "\${DRAIN_TIMEOUT:-300s}" >&2 ||
    fail "could not be drained in \${DRAIN_TIMEOUT:-300s}, and stays a member, cordoned; a PodDisruptionBudget that allows no disruption is the usual reason: kubectl get pdb -A"
else
  say "is not Ready: its pods are not waited for"
fi
if [ "\${STORAGE:-}" = linstor ] && linstor_knows "$NODE_NAME"; then
  if talos_version "$NODE_ADDRESS" >/dev/null; then
    linstor_ node evacuate "$NODE_NAME" >&2
    emptied() {
      left=$(replicas_of "$NODE_NAME") || return 1
      [ -z "$left" ] || { echo "still there: $left"; return 1; }
    }
    wait_for "LINSTOR to move its replicas elsewhere" 360 10 emptied
  else
    say "does not answer: its replicas are given up, and made anew elsewhere"
    # LINSTOR forgets its interfaces: no connection may take it in before they are registered again, should it come back.
    kube get node "$NODE_NAME" --ignore-not-found -o 'jsonpath={.metadata.labels}' >"$work/labels"
    tr ',' '\\n' <"$work/labels" | sed -n 's,.*"\\(${interfaceLabelPrefix}[^"]*\\)":.*,\\1,p' | while read -r label; do
      kube label node "$NODE_NAME" "$label-" >&2
    done
    linstor_ node lost "$NODE_NAME" >&2
    linstor_ resource-group adjust >&2
  fi
  wait_for "the volumes to be in step" 180 10 storage_healthy
fi
if talos_version "$NODE_ADDRESS" >/dev/null; then
  talos -n "$NODE_ADDRESS" reset --graceful=true --reboot=false --timeout 10m \\
    --system-labels-to-wipe STATE --system-labels-to-wipe EPHEMERAL >&2 || fail "Talos could not be reset"
elif [ "$ROLE" = controlplane ] && id=$(member_id) && [ -n "$id" ]; then
  say "does not answer: its etcd member is struck off"
  talos -n "$(an_entry)" etcd remove-member "$id" >&2
fi
gone() { [ -z "$(member_id)" ]; }
if [ "$ROLE" = controlplane ]; then
  wait_for "etcd to go on without it" 30 10 gone
  majority() { [ "$(($(alive_members | wc -l) * 2))" -gt "$(etcd_members | wc -l)" ]; }
  wait_for "etcd to have its majority" 30 10 majority
fi
kube delete node "$NODE_NAME" --ignore-not-found >&2
say "has left the cluster"`,
  );
}
