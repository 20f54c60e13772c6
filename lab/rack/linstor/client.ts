// The `linstor` command line, as far as scripts and people use it here. Words and tables as version 1.29 prints them without colours.

import { clusterNodes } from "../kubernetes/cluster-nodes.ts";
import type { Api } from "../kubernetes/objects.ts";
import { listPods } from "../kubernetes/pods.ts";
import { type Handler, nodeOf, Refusal, success, table } from "./client-answers.ts";
import { groupAdjust, nodeEvacuate, nodeLost, poolList, resourceList } from "./client-storage.ts";
import { controllerAnswers, hasLinstor, onlineSatellites, reconcileLinstor } from "./operator.ts";
import { linstorState, noteBurning, pairKey, pairOf, saveLinstor } from "./state.ts";

/** What a call printed and how it ended. */
export interface ClientRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

const nodeList: Handler = (api, state) => {
  const online = onlineSatellites(api, listPods(api), clusterNodes(api.rack, api.cluster));
  const rows = Object.entries(state.nodes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { interfaces }]) => {
      const address = `${interfaces["default-ipv4"] ?? ""}:3366 (PLAIN)`;
      return [name, "SATELLITE", address, online.has(name) ? "Online" : "OFFLINE"];
    });
  return table(["Node", "NodeType", "Addresses", "State"], rows);
};

const interfaceList: Handler = (_, state, [name = ""]) => {
  const rows = Object.entries(nodeOf(state, name).interfaces)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([link, address]) =>
      link === "default-ipv4" ? ["+ StltCon", link, address, "3366", "PLAIN"] : ["+", link, address, "", ""],
    );
  return table([name, "NetInterface", "IP", "Port", "EncryptionType"], rows);
};

const interfaceCreate: Handler = (_, state, [name = "", link = "", address = ""]) => {
  const node = nodeOf(state, name);
  if (node.interfaces[link] !== undefined)
    throw new Refusal(`ERROR:\nDescription:\n    NetInterface '${link}' on node '${name}' already exists.\n`);
  // The address is not looked at: LINSTOR takes any.
  node.interfaces[link] = address;
  return success(`New netInterface '${link}' on node '${name}' registered.`);
};

const interfaceModify: Handler = (_, state, [name = "", link = "", ...options]) => {
  const node = nodeOf(state, name);
  if (node.interfaces[link] === undefined)
    throw new Refusal(`ERROR:\nDescription:\n    NetInterface '${link}' on node '${name}' does not exist.\n`);
  node.interfaces[link] = options[options.indexOf("--ip") + 1] ?? node.interfaces[link];
  return success(`NetInterface '${link}' on node '${name}' modified.`);
};

const interfaceDelete: Handler = (_, state, [name = "", link = ""]) => {
  delete nodeOf(state, name).interfaces[link];
  return success(`NetInterface '${link}' on node '${name}' deleted.`);
};

const connectionList: Handler = (_, state) => {
  const rows = Object.entries(state.connections)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { lastApplied }]) => [...pairOf(key), `last-applied=${JSON.stringify(lastApplied)}`]);
  return table(["Node A", "Node B", "Properties"], rows);
};

const pathList: Handler = (_, state, [a = "", b = ""]) => {
  for (const name of [a, b]) nodeOf(state, name);
  const props = state.connections[pairKey(a, b)]?.props ?? {};
  const rows = Object.entries(props).sort(([one], [other]) => (one < other ? -1 : 1));
  return table(["Key", "Value"], rows);
};

const pathCreate: Handler = (_, state, [a = "", b = "", path = "", linkA = "", linkB = ""]) => {
  for (const name of [a, b]) nodeOf(state, name);
  const connection = state.connections[pairKey(a, b)] ?? { props: {}, lastApplied: [] };
  // Taken whatever the interfaces: it is the satellites' resources that cannot be adjusted afterwards.
  Object.assign(connection.props, { [`Paths/${path}/${a}`]: linkA, [`Paths/${path}/${b}`]: linkB });
  state.connections[pairKey(a, b)] = connection;
  return success(`Node connection between nodes '${a}' and '${b}' modified.`);
};

const pathDelete: Handler = (_, state, [a = "", b = "", path = ""]) => {
  const connection = state.connections[pairKey(a, b)];
  const keys = [a, b].map((name) => `Paths/${path}/${name}`).filter((key) => connection?.props[key] !== undefined);
  if (connection === undefined || keys.length === 0) return "WARNING:\n    Nothing to delete.\n";
  for (const key of keys) delete connection.props[key];
  if (Object.keys(connection.props).length === 0) delete state.connections[pairKey(a, b)];
  return success(`Successfully deleted property key(s): ${keys.join(",")}`);
};

const HANDLERS: Readonly<Record<string, Handler>> = {
  "node list": nodeList,
  "node evacuate": nodeEvacuate,
  "node lost": nodeLost,
  "resource-group adjust": groupAdjust,
  "storage-pool list": poolList,
  "node interface list": interfaceList,
  "node interface create": interfaceCreate,
  "node interface modify": interfaceModify,
  "node interface delete": interfaceDelete,
  "node-connection list": connectionList,
  "node-connection path list": pathList,
  "node-connection path create": pathCreate,
  "node-connection path delete": pathDelete,
  "resource list": resourceList,
};

/** Runs one command line; `words` without the leading `linstor`. */
export function runLinstor(api: Api, words: readonly string[]): ClientRun {
  const args = words.filter((word) => !["--no-color", "--no-utf8", "-m"].includes(word));
  const name = [3, 2].map((count) => args.slice(0, count).join(" ")).find((text) => HANDLERS[text] !== undefined);
  const handler = name === undefined ? undefined : HANDLERS[name];
  if (name === undefined || handler === undefined)
    return { stdout: "", stderr: `usage: linstor: invalid choice: '${args.join(" ")}'\n`, status: 2 };
  return api.rack.transaction(() => {
    reconcileLinstor(api);
    if (!hasLinstor(api) || !controllerAnswers(api, listPods(api)))
      return {
        stdout: "",
        stderr: "Error: Unable to connect to linstor://linstor-controller:3370: [Errno 111] Connection refused\n",
        status: 20,
      };
    const state = linstorState(api);
    const before = JSON.stringify(state);
    try {
      const stdout = handler(api, state, args.slice(name.split(" ").length));
      noteBurning(state);
      if (JSON.stringify(state) !== before) {
        saveLinstor(api, state);
        reconcileLinstor(api);
      }
      return { stdout, stderr: "", status: 0 };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { stdout: error.message, stderr: "", status: 10 };
    }
  });
}
