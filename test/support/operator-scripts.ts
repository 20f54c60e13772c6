// Every script that runs on the operator's machine, by name.
import { renderAmtFirstBoot } from "../../components/operator-scripts/amt-first-boot.ts";
import { renderFreeAddresses } from "../../components/operator-scripts/free-addresses.ts";
import { renderMarkMembers } from "../../components/operator-scripts/mark-members.ts";
import { renderRemoveNode } from "../../components/operator-scripts/remove-node.ts";
import { renderUpgradeCheck } from "../../components/operator-scripts/upgrade-check.ts";
import { renderUpgradeKubernetes } from "../../components/operator-scripts/upgrade-kubernetes.ts";
import { renderUpgradeNode } from "../../components/operator-scripts/upgrade-node.ts";
import { renderWaitForCluster } from "../../components/operator-scripts/wait-for-cluster.ts";

/** Scripts by name. */
export function everyOperatorScript(): Readonly<Record<string, string>> {
  return {
    amtFirstBoot: renderAmtFirstBoot("node-a"),
    freeAddresses: renderFreeAddresses("rack", "metallb-system"),
    markMembers: renderMarkMembers("rack"),
    removeNode: renderRemoveNode("node-a"),
    waitForCluster: renderWaitForCluster("rack"),
    upgradeCheck: renderUpgradeCheck("rack"),
    upgradeNode: renderUpgradeNode("node-a"),
    upgradeKubernetes: renderUpgradeKubernetes("rack"),
  };
}
