// Snapshots of etcd, taken inside the cluster: by an account of Talos that may do this and nothing else.
import type * as k8s from "@pulumi/kubernetes";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import * as pulumi from "@pulumi/pulumi";
import { images } from "../plan/versions.ts";
import { talosBackupNamespace, talosBackupRole } from "./machine-config/machine-section.ts";
import { createPodSecurityNamespace } from "./pod-security-namespace.ts";

/** Arguments of {@link EtcdBackup}. */
export interface EtcdBackupArgs {
  /** talosctl of that version takes the snapshots. */
  readonly talosVersion: string;
  /** Where they are kept. @default - the cluster's default class */
  readonly storageClassName?: pulumi.Input<string>;
}

/** Every six hours, a week of them: etcd is small, and what changed since the last one is what is lost. */
const schedule = "17 */6 * * *";
const kept = 28;
const account = "etcd-backup";
const nobody = 65_534;

/** A job that saves etcd to a volume every six hours. The snapshots hold every secret of the cluster. */
export class EtcdBackup extends pulumi.ComponentResource {
  static readonly type = "homelab:lifecycle:EtcdBackup";

  constructor(name: string, args: EtcdBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super(EtcdBackup.type, name, { talosVersion: args.talosVersion }, opts);
    const namespace = createPodSecurityNamespace(`${name}-namespace`, talosBackupNamespace, "restricted", {
      parent: this,
    });
    const metadata = { name: account, namespace: namespace.metadata.name };
    // Talos answers with a Secret of the same name that holds a talosconfig.
    const access = new CustomResource(
      `${name}-account`,
      { apiVersion: "talos.dev/v1alpha1", kind: "ServiceAccount", metadata, spec: { roles: [talosBackupRole] } },
      { parent: this },
    );
    const volume = new PersistentVolumeClaim(
      `${name}-volume`,
      {
        metadata: {
          ...metadata,
          // A class that waits for its first pod gives the volume with the first snapshot.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "8Gi" } },
          ...(args.storageClassName === undefined ? {} : { storageClassName: args.storageClassName }),
        },
      },
      { parent: this },
    );
    new CronJob(
      `${name}-job`,
      {
        metadata,
        spec: {
          schedule,
          concurrencyPolicy: "Forbid",
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
          jobTemplate: {
            spec: {
              backoffLimit: 2,
              activeDeadlineSeconds: 900,
              template: { spec: podSpec(args.talosVersion) },
            },
          },
        },
      },
      { parent: this, dependsOn: [access, volume] },
    );
    this.registerOutputs({});
  }
}

/** Names each snapshot by its time and drops the oldest. */
export const keepScript = `set -eu
mv /work/db.snapshot "/backup/etcd-$(date -u +%Y%m%dT%H%M%SZ).snapshot"
set -- /backup/etcd-*.snapshot
while [ "$#" -gt ${kept} ]; do
  rm "$1"
  shift
done
ls -l /backup`;

/** On a control plane, which is asked for its own member: there is one wherever the pod can run. */
function podSpec(talosVersion: string): k8s.types.input.core.v1.PodSpec {
  const securityContext = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  };
  const resources = { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } };
  const work = { name: "work", mountPath: "/work" };
  const controlPlane = "node-role.kubernetes.io/control-plane";
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    nodeSelector: { [controlPlane]: "" },
    tolerations: [{ key: controlPlane, operator: "Exists", effect: "NoSchedule" }],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: nobody,
      runAsGroup: nobody,
      fsGroup: nobody,
      seccompProfile: { type: "RuntimeDefault" },
    },
    initContainers: [
      {
        name: "snapshot",
        image: `ghcr.io/siderolabs/talosctl:${talosVersion}`,
        args: ["--nodes", "$(NODE_ADDRESS)", "etcd", "snapshot", "/work/db.snapshot"],
        env: [{ name: "NODE_ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } }],
        securityContext,
        resources,
        volumeMounts: [work, { name: "talos", mountPath: "/var/run/secrets/talos.dev" }],
      },
    ],
    containers: [
      {
        name: "keep",
        image: images.busybox,
        command: ["/bin/sh", "-c", keepScript],
        securityContext,
        resources,
        volumeMounts: [work, { name: "backup", mountPath: "/backup" }],
      },
    ],
    volumes: [
      { name: "work", emptyDir: {} },
      { name: "talos", secret: { secretName: account } },
      { name: "backup", persistentVolumeClaim: { claimName: account } },
    ],
  };
}
