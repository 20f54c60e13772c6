// Kubernetes of the whole cluster to the planned version, by Talos's own procedure: one component after the other, one node after the other.
import { renderOperatorScript } from "./operator-script.ts";

/** By environment besides: `KUBERNETES_VERSION`. A cluster that is not there yet, or runs that version on all nodes, is left alone. */
export function renderUpgradeKubernetes(cluster: string): string {
  return renderOperatorScript(
    { subject: cluster, step: "Kubernetes upgrade" },
    `
if ! entry=$(an_entry) || [ -z "$(etcd_members)" ]; then
  say "no cluster yet: nothing to upgrade"
  exit 0
fi
behind() {
  kubelets=$(kube get nodes -o 'jsonpath={range .items[*]}{.status.nodeInfo.kubeletVersion}{"\\n"}{end}') || fail "the Kubernetes API does not answer"
  printf '%s\\n' "$kubelets" | grep -vxF "$KUBERNETES_VERSION" | sort -u
}
versions=$(behind) || :
if [ -z "$versions" ]; then
  say "runs $KUBERNETES_VERSION already"
  exit 0
fi
for version in $versions; do
  [ "$(number "$version")" -lt "$(number "$KUBERNETES_VERSION")" ] || fail "a node runs Kubernetes $version, newer than $KUBERNETES_VERSION; going back is not supported"
done
wait_for "etcd to be healthy" 60 10 etcd_healthy
wait_for "every node to be Ready" 12 10 others_ready
before=$(unready_workloads) || fail "the Kubernetes API does not answer"
[ -n "$before" ] || before=none
talos -n "$entry" upgrade-k8s --to "\${KUBERNETES_VERSION#v}" --with-docs=false --with-examples=false >&2 ||
  fail "stopped on the way; what is done stays done, the next run goes on from there"
wait_for "all nodes to be Ready" 60 10 others_ready
wait_for "the volumes to be in step" 180 10 storage_healthy
wait_for "the workloads to run again" 60 10 settled "$before"
say "runs $KUBERNETES_VERSION"`,
  );
}
