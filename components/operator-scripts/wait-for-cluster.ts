// From configured nodes to a cluster that can be worked with: every node answers, etcd is whole.
import { renderOperatorScript } from "./operator-script.ts";

/**
 * By environment besides: `NODES` (addresses). Talos's own health check is of no use here: it wants etcd's addresses to be those of the
 * kubelets, and no member beside the nodes it is told of, so that a control plane on its way out would stop every run.
 */
export function renderWaitForCluster(cluster: string): string {
  return renderOperatorScript(
    { subject: cluster, step: "start" },
    `
all_answer() {
  for address in $NODES; do
    [ -n "$(talos_version "$address")" ] || { echo "no answer: $address"; return 1; }
  done
}
wait_for "all nodes to answer" 60 10 all_answer
wait_for "etcd to be healthy" 60 10 etcd_complete
printf healthy`,
  );
}
