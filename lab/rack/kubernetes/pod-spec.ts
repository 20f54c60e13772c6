// The part of a pod's specification that the simulation acts on.

interface SecurityContext {
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  runAsNonRoot?: boolean;
  seccompProfile?: object;
  capabilities?: { add?: string[]; drop?: string[] };
}

export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  ports?: { name?: string; containerPort?: number; hostPort?: number }[];
  resources?: { requests?: Record<string, unknown> };
  securityContext?: SecurityContext;
  volumeMounts?: { name: string; mountPath: string }[];
}

interface Volume {
  name: string;
  configMap?: { name?: string; optional?: boolean };
  secret?: { secretName?: string; optional?: boolean };
  persistentVolumeClaim?: { claimName: string };
  hostPath?: object;
}

/** As much of a pod as the rack acts on. */
export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  /** What keeps it from starting, where a model knows. */
  "rack.invalid/problem"?: string;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  serviceAccountName?: string;
  securityContext?: SecurityContext;
  tolerations?: { key?: string; operator?: string; effect?: string }[];
  volumes?: Volume[];
  affinity?: { podAntiAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: object[] } };
}

/** What a workload makes its pods from. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: PodSpec;
}

/** Whether labels contain all of a selector. */
export function matches(
  labels: Readonly<Record<string, string>> | undefined,
  selector: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels?.[key] === value);
}
