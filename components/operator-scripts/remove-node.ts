// A node leaves: its pods, its data, etcd, and then its own disk. Run when its resource is deleted, before its machine is.

import { wantedMark } from "./mark-members.ts";
import { renderOperatorScript } from "./operator-script.ts";

/**
 * Takes one node out of the cluster. By environment besides: `NODE_NAME`, `NODE_ADDRESS`, `ROLE`. A node that the description still names
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

member_id() { ask -n "$(an_entry)" etcd members 2>/dev/null | awk -v name="$NODE_NAME" '$3 == name { print $2 }'; }
if [ "$ROLE" = controlplane ] && [ -n "$(member_id)" ]; then
  others=$(alive_members | grep -cvxF "$NODE_ADDRESS" || :)
  all=$(etcd_members | wc -l)
  [ "$((others * 2))" -gt "$((all - 1))" ] ||
    fail "etcd would lose its majority: without this node $others of $((all - 1)) members are alive; repair or replace the others first"
fi
if node_ready "$NODE_NAME" >/dev/null; then
  kube drain "$NODE_NAME" --ignore-daemonsets --delete-emptydir-data --force --timeout "\${DRAIN_TIMEOUT:-300s}" >&2 ||
    fail "could not be drained in \${DRAIN_TIMEOUT:-300s}, and stays a member, cordoned; a PodDisruptionBudget that allows no disruption is the usual reason: kubectl get pdb -A"
else
  say "is not Ready: its pods are not waited for"
fi
if [ "\${STORAGE:-}" = linstor ] && linstor_ node list | grep -q "[| ]$NODE_NAME "; then
  linstor_ node evacuate "$NODE_NAME" >&2
  emptied() {
    linstor_ resource list --nodes "$NODE_NAME" >"$work/left" && ! grep -F "| $NODE_NAME " "$work/left"
  }
  wait_for "LINSTOR to move its replicas elsewhere" 360 10 emptied
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
