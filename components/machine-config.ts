// What a node's generated Talos configuration is patched with. Pure text from the plan; secrets have a patch of their own.
import type { ClusterPlan, EncryptionPlan, NodePlan } from "../plan/plan.ts";
import { clusterSection } from "./machine-config/cluster-section.ts";
import { ingressDocuments } from "./machine-config/ingress-documents.ts";
import { machineSection } from "./machine-config/machine-section.ts";
import { networkDocuments } from "./machine-config/network-documents.ts";
import { passphraseDocuments, volumeDocuments } from "./machine-config/volume-documents.ts";
import { renderYamlDocuments } from "./machine-config/yaml-documents.ts";

/** One node's slice of the plan. */
export interface MachineConfigPlan {
  readonly cluster: ClusterPlan;
  readonly node: NodePlan;
  /** KubePrism, on every node's loopback. */
  readonly kubePrismPort: number;
}

/** Everything about a node that is known before deployment: the main document and its network documents. */
export function renderMachineConfigPatch(plan: MachineConfigPlan): string {
  const { cluster, node, kubePrismPort } = plan;
  const main = { machine: machineSection(cluster, node, kubePrismPort), cluster: clusterSection(cluster, node.role) };
  const ingress = cluster.ingress === undefined ? [] : ingressDocuments(cluster.ingress, node.role);
  const documents = [...networkDocuments(cluster, node), ...volumeDocuments(node.encryption), ...ingress];
  return renderYamlDocuments([main, ...documents]);
}

/** What is secret about it: the passphrase of volumes whose key is static. */
export function renderPassphrasePatch(encryption: EncryptionPlan, passphrase: string): string {
  return renderYamlDocuments(passphraseDocuments(encryption, passphrase));
}

/** Where Talos is installed and from which image. It acts at installation and upgrade only. */
export function renderInstallPatch(node: NodePlan, installerImage: string): string {
  const { installDisk: disk, installMatch: diskSelector } = node;
  const where = diskSelector === undefined ? { disk } : { diskSelector };
  return renderYamlDocuments([{ machine: { install: { ...where, image: installerImage } } }]);
}
