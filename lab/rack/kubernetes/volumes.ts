// Persistent volume claims: bound when their class's driver runs and what lies behind it gives a volume.
import { cephHealth, cephKeys } from "../ceph.ts";
import { LINSTOR_DRIVER } from "../linstor/objects.ts";
import { placementProblem } from "../linstor/placement.ts";
import type { Rack } from "../store.ts";
import { machineReaches } from "../talos/reach.ts";
import type { Readiness } from "./cluster-nodes.ts";
import { type Api, getObject, listKind, type Stored } from "./objects.ts";
import type { Pod } from "./pods.ts";

const PROVISION_MS = 2_000;

interface ClassSpec {
  provisioner?: string;
  parameters?: Record<string, string>;
  volumeBindingMode?: string;
}

function storageClassOf(api: Api, claim: Stored): Stored | string {
  const name = (claim.object.spec as { storageClassName?: string } | undefined)?.storageClassName;
  if (name !== undefined)
    return (
      getObject(api, "storage.k8s.io/v1", "StorageClass", undefined, name) ??
      `storageclass.storage.k8s.io "${name}" not found`
    );
  const standard = listKind(api, "StorageClass").find(
    ({ object }) => object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
  );
  return standard ?? "no persistent volumes available for this claim and no storage class is set";
}

/** The pods of a driver's provisioner: their workload says so by an annotation that its chart's model sets. */
function provisionerPods(pods: readonly Pod[], driver: string): Pod[] {
  return pods.filter(({ owner }) => owner.object.metadata.annotations?.["rack.invalid/csi-provisioner"] === driver);
}

function decodeField(secret: Stored, field: string): string | undefined {
  const data = (secret.object["data"] ?? {}) as Record<string, string>;
  const plain = (secret.object["stringData"] ?? {}) as Record<string, string>;
  const encoded = data[field];
  return plain[field] ?? (encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8"));
}

/** What Ceph says to the provisioner that runs in a pod; undefined: it makes the volume. */
function cephProblem(api: Api, rack: Rack, parameters: Record<string, string>, pod: Pod): string | undefined {
  const failed = (code: string, text: string) =>
    `failed to provision volume with StorageClass: rpc error: code = ${code} desc = ${text}`;
  const clusterId = parameters["clusterID"] ?? "";
  const configMap = getObject(api, "v1", "ConfigMap", pod.namespace, "ceph-csi-config");
  const clusters = JSON.parse(((configMap?.object["data"] ?? {}) as Record<string, string>)["config.json"] ?? "[]") as {
    clusterID: string;
    monitors: string[];
  }[];
  const entry = clusters.find(({ clusterID }) => clusterID === clusterId);
  if (!entry)
    return failed(
      "InvalidArgument",
      `failed to fetch monitor list using clusterID (${clusterId}): missing configuration for cluster ID "${clusterId}"`,
    );
  const health = cephHealth(rack);
  const machine = pod.node?.talos.machine;
  const addresses = entry.monitors.map((monitor) => monitor.split(":")[0] ?? "");
  const isHeard = addresses.some(
    (address) =>
      health.monitors.some((monitor) => monitor.up && monitor.address === address) &&
      machine !== undefined &&
      machineReaches(rack, machine, address, pod.node?.talos.config),
  );
  if (!health.quorum || !isHeard)
    return failed("DeadlineExceeded", `context deadline exceeded (monitors ${addresses.join(", ")} do not answer)`);
  if (health.fsid !== clusterId)
    return failed("Internal", `cluster ID ${clusterId} is not that of the monitors (${health.fsid ?? "none"})`);
  const secretName = parameters["csi.storage.k8s.io/provisioner-secret-name"] ?? "";
  const secretNamespace = parameters["csi.storage.k8s.io/provisioner-secret-namespace"] ?? "";
  const secret = getObject(api, "v1", "Secret", secretNamespace, secretName);
  if (!secret)
    return failed(
      "InvalidArgument",
      `error getting secret ${secretName} in namespace ${secretNamespace}: secrets "${secretName}" not found`,
    );
  const key = cephKeys(rack).get(`client.${decodeField(secret, "userID") ?? ""}`)?.key;
  if (key === undefined || key !== decodeField(secret, "userKey"))
    return failed("Internal", "failed to get connection: connecting failed: rados: ret=-13, Permission denied");
  const pool = parameters["pool"] ?? "";
  if (!health.pools.includes(pool))
    return failed("Internal", `pool not found: pool (${pool}) not found in Ceph cluster`);
  return health.status === "HEALTH_ERR"
    ? failed("DeadlineExceeded", `context deadline exceeded (${health.checks.join("; ")})`)
    : undefined;
}

function provisioning(api: Api, claim: Stored, spec: ClassSpec, pods: readonly Pod[]): Readiness {
  const driver = spec.provisioner ?? "";
  const waiting = `waiting for a volume to be created, either by external provisioner "${driver}" or manually created by system administrator`;
  if (!getObject(api, "storage.k8s.io/v1", "CSIDriver", undefined, driver)) return { blocked: waiting };
  const provisioners = provisionerPods(pods, driver);
  const running = provisioners.flatMap((pod) => ("at" in pod.readiness ? [{ pod, at: pod.readiness.at }] : []));
  const first = running.sort((a, b) => a.at - b.at)[0];
  if (!first) return { blocked: waiting };
  if (driver === LINSTOR_DRIVER) {
    const refusal = placementProblem(api, spec.parameters ?? {});
    return refusal === undefined ? { at: Math.max(first.at, claim.createdAt) + PROVISION_MS } : { blocked: refusal };
  }
  const problem =
    driver === "rbd.csi.ceph.com" ? cephProblem(api, api.rack, spec.parameters ?? {}, first.pod) : undefined;
  return problem === undefined ? { at: Math.max(first.at, claim.createdAt) + PROVISION_MS } : { blocked: problem };
}

/** When a claim is bound. A claim of a class that waits for its first consumer counts as ready for whoever waits for the claim alone. */
export function bindingOf(api: Api, claim: Stored, pods: readonly Pod[]): Readiness {
  if (claim.isDone === true) return { at: claim.createdAt };
  const storageClass = storageClassOf(api, claim);
  if (typeof storageClass === "string") return { blocked: storageClass };
  return provisioning(api, claim, storageClass.object as unknown as ClassSpec, pods);
}

/** Whether a claim waits for a pod before it is bound. */
export function waitsForConsumer(api: Api, claim: Stored): boolean {
  const storageClass = storageClassOf(api, claim);
  return (
    typeof storageClass !== "string" &&
    (storageClass.object as unknown as ClassSpec).volumeBindingMode === "WaitForFirstConsumer"
  );
}

/** A claim as the pod that mounts it sees it. `pods`: those of older workloads. */
export function claimReadiness(api: Api, namespace: string, name: string, pods: readonly Pod[]): Readiness {
  const claim = getObject(api, "v1", "PersistentVolumeClaim", namespace, name);
  if (!claim) return { blocked: `persistentvolumeclaim "${name}" not found` };
  const binding = bindingOf(api, claim, pods);
  if ("blocked" in binding)
    return { blocked: `pod has unbound immediate PersistentVolumeClaims: ${name}: ${binding.blocked}` };
  return binding;
}
