// The piraeus operator: what it makes of its custom resources. Run after every change of the cluster, so that no state in between is missed.
import { simulatedNow } from "../clock.ts";
import { applyObject, deleteObject } from "../kubernetes/changes.ts";
import { PIRAEUS_GROUP } from "../kubernetes/charts/piraeus.ts";
import { type ClusterNode, clusterNodes, type Readiness } from "../kubernetes/cluster-nodes.ts";
import { dropLabels } from "../kubernetes/node-labels.ts";
import { podAddressOn } from "../kubernetes/node-ports.ts";
import { type Api, getObject, type KubeObject, listKind, type Stored } from "../kubernetes/objects.ts";
import { listPods, type Pod, whenAll } from "../kubernetes/pods.ts";
import { letsIn } from "../talos/ingress.ts";
import { ports } from "../talos/reach.ts";
import { connect } from "./connections.ts";
import { finishMoves } from "./moves.ts";
import { controllerObjects, LINSTOR_NAMESPACE, satelliteObject, ZONE_LABEL } from "./objects.ts";
import { noteOutages, placeResources } from "./resources.ts";
import { type LinstorState, linstorState, noteBurning, saveLinstor } from "./state.ts";

const OPERATOR = { manager: "piraeus-operator", force: true } as const;

/** Moment from which a workload of LINSTOR runs. */
function runsFrom(pods: readonly Pod[], name: string): Readiness {
  const own = pods.filter(
    ({ owner, namespace }) => namespace === LINSTOR_NAMESPACE && owner.object.metadata.name === name,
  );
  if (own.length === 0) return { blocked: `${name} has no pods` };
  return whenAll(own.map(({ readiness }) => readiness));
}

function isUp(pods: readonly Pod[], name: string, now: number): boolean {
  const readiness = runsFrom(pods, name);
  return "at" in readiness && readiness.at <= now;
}

/** The one LinstorCluster, if any. */
function linstorCluster(api: Api): Stored | undefined {
  return listKind(api, "LinstorCluster", PIRAEUS_GROUP)[0];
}

/** Whether anything of LINSTOR is installed. */
export function hasLinstor(api: Api): boolean {
  return linstorCluster(api) !== undefined;
}

function put(api: Api, object: KubeObject): void {
  const { apiVersion, kind, metadata } = object;
  const found = getObject(api, apiVersion, kind, metadata.namespace, metadata.name);
  if (found && JSON.stringify(found.object.spec) === JSON.stringify(object.spec)) return;
  // A pod template of a DaemonSet may change; pods start anew then.
  applyObject(api, object, OPERATOR);
}

function makeWorkloads(api: Api, nodes: readonly ClusterNode[]): void {
  const configurations = listKind(api, "LinstorSatelliteConfiguration", PIRAEUS_GROUP).map(({ object }) => object);
  const wanted = [...controllerObjects(), ...nodes.map((node) => satelliteObject(node, configurations))];
  for (const object of wanted) put(api, object);
  const satellites = listKind(api, "DaemonSet").filter(({ object }) =>
    object.metadata.name.startsWith("linstor-satellite."),
  );
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  for (const { object } of satellites) {
    if (!names.has(object.metadata.name)) {
      deleteObject(api, object.apiVersion, object.kind, object.metadata.namespace, object.metadata.name);
    }
  }
}

function removeWorkloads(api: Api): void {
  for (const kind of ["Deployment", "DaemonSet", "Service", "CSIDriver"]) {
    for (const { object } of listKind(api, kind)) {
      if (object.metadata.labels?.["app.kubernetes.io/managed-by"] !== "piraeus-operator") continue;
      deleteObject(api, object.apiVersion, object.kind, object.metadata.namespace, object.metadata.name);
    }
  }
}

/** Satellites that run are registered with the address of their pod, which is the node's with the host's network. */
function registerNodes(state: LinstorState, nodes: readonly ClusterNode[], online: ReadonlySet<string>): void {
  for (const name of Object.keys(state.nodes)) {
    if (nodes.some((node) => node.name === name)) continue;
    delete state.nodes[name];
    for (const key of Object.keys(state.connections)) if (key.split("|").includes(name)) delete state.connections[key];
  }
  for (const node of nodes) {
    if (!online.has(node.name)) continue;
    const known = state.nodes[node.name] ?? { interfaces: {} };
    // Set anew with every start, whatever somebody has made of it.
    state.nodes[node.name] = {
      ...known,
      interfaces: { ...known.interfaces, "default-ipv4": node.address },
      zone: node.labels[ZONE_LABEL] ?? "",
    };
  }
}

/** Nodes whose satellite runs and answers the controller. */
export function onlineSatellites(api: Api, pods: readonly Pod[], nodes: readonly ClusterNode[]): Set<string> {
  const now = simulatedNow(api.rack);
  const running = nodes.filter(({ name }) => isUp(pods, `linstor-satellite.${name}`, now));
  const controller = pods.find(({ owner }) => owner.object.metadata.name === "linstor-controller")?.node;
  // The controller is a pod, with an address of its node's range.
  const source = controller === undefined ? undefined : podAddressOn(controller.talos);
  const connects = ({ talos }: ClusterNode) =>
    source === undefined || letsIn(talos.config, { protocol: "tcp", port: ports.linstorSatellite, source });
  return new Set(running.filter(connects).map(({ name }) => name));
}

/** Whether the controller answers. */
export function controllerAnswers(api: Api, pods: readonly Pod[]): boolean {
  return isUp(pods, "linstor-controller", simulatedNow(api.rack));
}

/** Brings LINSTOR to what its custom resources say, as far as its pods run by now. */
export function reconcileLinstor(api: Api): void {
  const before = linstorState(api);
  if (!hasLinstor(api)) {
    const service = getObject(api, "v1", "Service", LINSTOR_NAMESPACE, "linstor-controller");
    if (Object.keys(before.nodes).length === 0 && service === undefined) return;
    removeWorkloads(api);
    saveLinstor(api, { ...before, nodes: {}, connections: {}, burning: [] });
    return;
  }
  const nodes = clusterNodes(api.rack, api.cluster);
  dropLabels(
    api.rack,
    api.cluster,
    nodes.map(({ name }) => name),
  );
  const text = JSON.stringify(before);
  const state = before;
  const hasOperator = isUp(listPods(api), "piraeus-operator-controller-manager", simulatedNow(api.rack));
  if (hasOperator) makeWorkloads(api, nodes);
  const pods = listPods(api);
  if (controllerAnswers(api, pods)) {
    const online = onlineSatellites(api, pods, nodes);
    if (hasOperator) registerNodes(state, nodes, online);
    noteBurning(state, hasOperator ? connect(api, state, nodes, online) : []);
    placeResources(api, state, pods, nodes, online);
    finishMoves(api, state, online);
  }
  noteOutages(api, state);
  if (JSON.stringify(state) !== text) saveLinstor(api, state);
}

/** What `pulumi.com/waitFor: condition=…` waits for. */
export function conditionOf(api: Api, object: KubeObject, condition: string, pods: readonly Pod[]): Readiness {
  const controller = runsFrom(pods, "linstor-controller");
  if (object.kind === "LinstorCluster" && condition === "Available") return controller;
  if (object.kind === "LinstorNodeConnection" && condition === "Configured") {
    if ("blocked" in controller) return { blocked: `controller unreachable: ${controller.blocked}` };
    const { burning } = linstorState(api);
    return burning.length > 0 ? { blocked: `no such interface: ${burning.join(", ")}` } : controller;
  }
  return { blocked: `${object.kind} has no condition ${condition}` };
}
