// Asks Cilium's own code (main.go beside this file) what its agents make of nodes and policies as they are stored.
import { spawnSync } from "node:child_process";
import type { KubernetesObject } from "../charts/render-chart.ts";

/** What the agents find. */
export interface CiliumRequest {
  /** Data of the ConfigMap `cilium-config`. */
  readonly config: Readonly<Record<string, string>>;
  readonly nodes?: readonly KubernetesObject[];
  readonly policies?: readonly KubernetesObject[];
}

/** What they make of it. */
export interface CiliumJudgement {
  readonly nodes: readonly {
    readonly name: string;
    /** Where the node's pods are reached. */
    readonly address: string;
    /** Range of its pods; empty: the agent waits for one. */
    readonly podPrefix: string;
  }[];
  readonly policies: readonly {
    readonly name: string;
    readonly error?: string;
    /** Whom it selects may do only what some policy allows. */
    readonly deniesEgress: boolean;
    readonly deniesIngress: boolean;
  }[];
}

/**
 * Runs the judge.
 * @param program path of the built conformance/cilium
 */
export function judgeByCilium(program: string, request: CiliumRequest): CiliumJudgement {
  const input = JSON.stringify({ nodes: [], policies: [], ...request });
  const result = spawnSync(program, { input, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`Cilium's judge broke off: ${result.error?.message ?? result.stderr}`);
  return JSON.parse(result.stdout);
}
