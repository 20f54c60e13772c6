// A LINSTOR script as a Job: run once, awaited, and run again whenever its text changes.
import { createHash } from "node:crypto";
import type * as k8s from "@pulumi/kubernetes";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import type * as pulumi from "@pulumi/pulumi";
import { linstorNamespace } from "./linstor-pod.ts";

/** Arguments of {@link createLinstorJob}. */
export interface LinstorJobArgs {
  /** Name of the Job in the cluster. */
  readonly job: string;
  /** The script, for what changes with it. */
  readonly script: string;
  readonly pod: k8s.types.input.core.v1.PodSpec;
}

/** Declares a Job; ten minutes at most. One that failed is replaced on the next run, not looked at again. */
export function createLinstorJob(name: string, args: LinstorJobArgs, opts: pulumi.CustomResourceOptions): Job {
  return new Job(
    name,
    {
      metadata: {
        name: args.job,
        namespace: linstorNamespace,
        annotations: { "pulumi.com/replaceUnready": "true" },
      },
      spec: {
        activeDeadlineSeconds: 600,
        backoffLimit: 3,
        template: { metadata: { annotations: { "homelab/script": fingerprint(args.script) } }, spec: args.pod },
      },
    },
    opts,
  );
}

/** A Job's pods cannot be changed: another script is another Job. */
const fingerprint = (script: string): string => createHash("sha256").update(script).digest("hex").slice(0, 16);
