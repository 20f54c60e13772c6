// Node connections: which pairs the custom resources mean, and what the controller does with a path over an interface that is not there.
import { PIRAEUS_GROUP } from "../kubernetes/charts/piraeus.ts";
import type { ClusterNode } from "../kubernetes/cluster-nodes.ts";
import { type Api, type KubeObject, listKind } from "../kubernetes/objects.ts";
import { type LinstorState, missingInterfaces, pairKey, pairOf } from "./state.ts";

interface Requirement {
  key: string;
  op?: string;
  values?: string[];
}

interface ConnectionSpec {
  selector?: { matchLabels?: Requirement[] }[];
  paths?: { name: string; interface: string }[];
}

function holds({ key, op = "Exists", values = [] }: Requirement, a: ClusterNode, b: ClusterNode): boolean {
  const [one, other] = [a.labels[key], b.labels[key]];
  switch (op) {
    case "Exists":
      return one !== undefined && other !== undefined;
    case "DoesNotExist":
      return one === undefined && other === undefined;
    case "In":
      return values.includes(one ?? "") && values.includes(other ?? "");
    case "NotIn":
      return !values.includes(one ?? "") && !values.includes(other ?? "");
    case "Same":
      return one === other;
    case "NotSame":
      return one !== other;
    default:
      return false;
  }
}

function isMeant({ selector }: ConnectionSpec, a: ClusterNode, b: ClusterNode): boolean {
  if (selector === undefined || selector.length === 0) return true;
  return selector.some(({ matchLabels = [] }) => matchLabels.every((requirement) => holds(requirement, a, b)));
}

/** Properties of every pair as the custom resources want them. */
function desired(
  connections: readonly KubeObject[],
  nodes: readonly ClusterNode[],
): Map<string, Record<string, string>> {
  const wanted = new Map<string, Record<string, string>>();
  for (const [i, a] of nodes.entries()) {
    for (const b of nodes.slice(i + 1)) {
      const meant = connections.map(({ spec }) => (spec ?? {}) as ConnectionSpec).filter((spec) => isMeant(spec, a, b));
      const paths = meant.flatMap((spec) => spec.paths ?? []);
      if (paths.length === 0) continue;
      const entries = paths.flatMap(({ name, interface: link }) => [
        [`Paths/${name}/${a.name}`, link],
        [`Paths/${name}/${b.name}`, link],
      ]);
      wanted.set(pairKey(a.name, b.name), Object.fromEntries(entries) as Record<string, string>);
    }
  }
  return wanted;
}

/**
 * Sets the paths of every pair whose satellites are both there, and takes back what is not wanted any more. Returns what the controller
 * was asked for and could not find.
 */
export function connect(
  api: Api,
  state: LinstorState,
  nodes: readonly ClusterNode[],
  online: ReadonlySet<string>,
): string[] {
  const objects = listKind(api, "LinstorNodeConnection", PIRAEUS_GROUP).map(({ object }) => object);
  const wanted = desired(objects, nodes);
  const missing: string[] = [];
  for (const key of new Set([...Object.keys(state.connections), ...wanted.keys()])) {
    const [a, b] = pairOf(key);
    if (!online.has(a) || !online.has(b)) continue;
    const connection = state.connections[key] ?? { props: {}, lastApplied: [] };
    const props = wanted.get(key) ?? {};
    const lost = missingInterfaces(state, props);
    missing.push(...lost);
    if (lost.length > 0) continue;
    for (const name of connection.lastApplied) if (props[name] === undefined) delete connection.props[name];
    Object.assign(connection.props, props);
    connection.lastApplied = Object.keys(props).sort();
    if (Object.keys(connection.props).length === 0) delete state.connections[key];
    else state.connections[key] = connection;
  }
  return missing;
}
