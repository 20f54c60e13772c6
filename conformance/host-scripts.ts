// Every script that a stack has run: on its hosts by SSH, on the machine that Pulumi runs on, and in the cluster's pods.
import type { Recording } from "../test/support/record-resources.ts";
import { plainInputs, resourcesOf } from "./declared.ts";

/** A script and where it comes from. */
export interface DeclaredScript {
  /** Resource and property, e.g. `ceph-init create`. */
  readonly name: string;
  readonly text: string;
}

/** All scripts of a stack, sorted by name. */
export function declaredScripts(recording: Recording): DeclaredScript[] {
  return [...scriptsOfCommands(recording), ...scriptsOfPods(recording)].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function scriptsOfPods(recording: Recording): DeclaredScript[] {
  return resourcesOf(recording, "kubernetes").flatMap(({ name, type, inputs }) => {
    if (type !== "kubernetes:core/v1:ConfigMap") return [];
    const { data } = plainInputs(inputs) as { data?: Record<string, string> };
    return Object.entries(data ?? {})
      .filter(([key]) => key.endsWith(".sh"))
      .map(([key, text]) => ({ name: `${name} ${key}`, text }));
  });
}

function scriptsOfCommands(recording: Recording): DeclaredScript[] {
  return resourcesOf(recording, "command").flatMap(({ name, inputs }) => {
    const plain = plainInputs(inputs) as Record<string, unknown>;
    const environment = (plain["environment"] ?? {}) as Record<string, unknown>;
    const script = typeof environment["SCRIPT"] === "string" ? environment["SCRIPT"] : "";
    const texts = pick(plain, ["create", "update", "delete"]);
    return Object.entries(texts).map(([key, text]) => ({
      name: `${name} ${key}`,
      // A local command is one line that runs what stands in its environment: so the text stays out of the command line.
      text: text.includes('eval "$SCRIPT"') ? script : text,
    }));
  });
}

function pick(from: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.flatMap((key) => (typeof from[key] === "string" ? [[key, from[key]]] : [])));
}
