// A workload that keeps its data in a volume, on a simulated cluster.
import { jumpTo } from "../../lab/rack/clock.ts";
import { applyObject } from "../../lab/rack/kubernetes/changes.ts";
import type { Api } from "../../lab/rack/kubernetes/objects.ts";
import { listPods } from "../../lab/rack/kubernetes/pods.ts";
import { markDone } from "../../lab/rack/kubernetes/releases.ts";
import { reconcileLinstor } from "../../lab/rack/linstor/operator.ts";

/** The default class as the program makes it, with two replicas. */
export const replicatedClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "replicated", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "linstor.csi.linbit.com",
  parameters: { "linstor.csi.linbit.com/storagePool": "pool1", "linstor.csi.linbit.com/autoPlace": "2" },
  volumeBindingMode: "WaitForFirstConsumer",
};

/** Deploys one pod with a volume of the default class, and waits until both are there. */
export function deployWithVolume(api: Api, name: string): void {
  const metadata = { name, namespace: "default" };
  const user = { manager: "kubectl" };
  const request = { resources: { requests: { storage: "1Gi" } } };
  const claim = applyObject(api, { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: request }, user);
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: name } }];
  const template = {
    metadata: { labels: { app: name } },
    spec: { volumes, containers: [{ name: "app", image: "app" }] },
  };
  const spec = { replicas: 1, selector: { matchLabels: { app: name } }, template };
  applyObject(api, { apiVersion: "apps/v1", kind: "Deployment", metadata, spec }, user);
  for (const { readiness } of listPods(api)) if ("at" in readiness) jumpTo(api.rack, readiness.at);
  listPods(api);
  markDone(api, claim);
  reconcileLinstor(api);
}
