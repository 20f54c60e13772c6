// Every node is Ready, and says whether the description wants it: what a node that is being removed asks.
import { renderOperatorScript } from "./operator-script.ts";

/** Annotation of a node: `yes` while the description names it. */
export const wantedMark = "homelab/wanted";

/** By environment besides: `NODES` (names). Waits for those to be Ready, and for their kubelets to answer. */
export function renderMarkMembers(cluster: string): string {
  return renderOperatorScript(
    { subject: cluster, step: "members" },
    `
all_there() {
  kube get nodes -o 'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}' >"$work/nodes" || return 1
  for name in $NODES; do
    grep -qxF "$name True" "$work/nodes" || { echo "not Ready: $name"; return 1; }
  done
}
kubelets_answer() {
  for name in $NODES; do
    kube get --raw "/api/v1/nodes/$name/proxy/healthz" >/dev/null 2>"$work/kubelet" || { echo "$name: $(cat "$work/kubelet")"; return 1; }
  done
}
wait_for "all nodes to be Ready" 60 10 all_there
wait_for "the API server to get at every kubelet (port 10250): logs, exec and metrics come by it" 6 10 kubelets_answer
while read -r name _; do
  case " $NODES " in *" $name "*) wanted=yes ;; *) wanted=no ;; esac
  kube annotate node "$name" ${wantedMark}="$wanted" --overwrite >/dev/null
done <"$work/nodes"
printf '%s' "$NODES"`,
  );
}
