// Every script that runs on the operator's machine, by name.
import { renderUpgradeCheck } from "../../components/operator-scripts/upgrade-check.ts";
import { renderUpgradeKubernetes } from "../../components/operator-scripts/upgrade-kubernetes.ts";
import { renderUpgradeNode } from "../../components/operator-scripts/upgrade-node.ts";

/** Scripts by name. */
export function everyOperatorScript(): Readonly<Record<string, string>> {
  return {
    upgradeCheck: renderUpgradeCheck("rack"),
    upgradeNode: renderUpgradeNode("node-a"),
    upgradeKubernetes: renderUpgradeKubernetes("rack"),
  };
}
