// The `linstor` command line, as far as scripts and people use it here. Words, tables and exit statuses are those of LINSTOR's client
// without colours, refusals those of its controller.
import { type CommandRun, runWithFaults, type Unanswered } from "../command-faults.ts";
import { clusterNodes } from "../kubernetes/cluster-nodes.ts";
import type { Api } from "../kubernetes/objects.ts";
import { listPods } from "../kubernetes/pods.ts";
import { type Handler, NOT_FOUND, nodeOf, Refusal, success, table } from "./client-answers.ts";
import { groupAdjust, nodeEvacuate, nodeLost, poolList, resourceList } from "./client-storage.ts";
import { controllerAnswers, hasLinstor, onlineSatellites, reconcileLinstor } from "./operator.ts";
import { linstorState, noteBurning, pairKey, pairOf, saveLinstor } from "./state.ts";

const nodeList: Handler = (api, state) => {
  const online = onlineSatellites(api, listPods(api), clusterNodes(api.rack, api.cluster));
  const rows = Object.entries(state.nodes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { interfaces, isEvacuating }]) => {
      const address = `${interfaces["default-ipv4"] ?? ""}:3366 (PLAIN)`;
      // What is to become of a node stands where otherwise stands whether it is there.
      const status = isEvacuating === true ? "EVACUATE" : online.has(name) ? "Online" : "OFFLINE";
      return [name, "SATELLITE", address, status];
    });
  return table(["Node", "NodeType", "Addresses", "State"], rows);
};

const interfaceList: Handler = (_, state, [name = ""]) => {
  const node = state.nodes[name];
  if (node === undefined) throw new Refusal(`Node '${name}' not found on controller.\n`, NOT_FOUND);
  const rows = Object.entries(node.interfaces)
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
  const props = state.connections[pairKey(a, b)]?.props;
  // Nodes that nobody knows have no connection either.
  if (props === undefined) return "No property map found for this entry.\n";
  const rows = Object.entries(props).sort(([one], [other]) => (one < other ? -1 : 1));
  return table(["Key", "Value"], rows);
};

const pathCreate: Handler = (_, state, [a = "", b = "", path = "", linkA = "", linkB = ""]) => {
  for (const [name, link] of [
    [a, linkA],
    [b, linkB],
  ] as const) {
    if (nodeOf(state, name).interfaces[link] === undefined)
      throw new Refusal(
        `ERROR:\nDescription:\n    NetInterface for node unknown.\nCause:\n    The Netinterface '${link}' is not known for node '${name}'\n`,
      );
  }
  const connection = state.connections[pairKey(a, b)] ?? { props: {}, lastApplied: [] };
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

const OUTSIDE = ["--no-color", "--no-utf8", "-m"];

/** The words of a command line without the client's own options. */
function commandOf(words: readonly string[]): string[] {
  return words.filter((word, i) => !OUTSIDE.includes(word) && word !== "--timeout" && words[i - 1] !== "--timeout");
}

/** How long the client waits for an answer where nobody tells it, in seconds. */
const PATIENCE_SEC = 300;

const refused: CommandRun = {
  stdout: "",
  stderr: "Error: Unable to connect to http://linstor-controller:3370: [Errno 111] Connection refused\n",
  status: 20,
};

function unansweredBy(words: readonly string[]): Unanswered {
  const given = words.indexOf("--timeout");
  const patienceSec = given < 0 ? PATIENCE_SEC : Number(words[given + 1]);
  const stderr = `Error: Socket timeout, no data received for more than ${patienceSec}s.\n`;
  return { refused, silent: { stdout: "", stderr, status: 21 }, patienceSec };
}

/** Runs one command line of a script, which faults may hit; `words` without the leading `linstor`. */
export function callLinstor(api: Api, words: readonly string[]): Promise<CommandRun> {
  const line = ["linstor", ...commandOf(words)].join(" ");
  return runWithFaults(api.rack, line, unansweredBy(words), () => runLinstor(api, words));
}

/** Runs one command line; `words` without the leading `linstor`. */
export function runLinstor(api: Api, words: readonly string[]): CommandRun {
  const args = commandOf(words);
  const name = [3, 2].map((count) => args.slice(0, count).join(" ")).find((text) => HANDLERS[text] !== undefined);
  const handler = name === undefined ? undefined : HANDLERS[name];
  if (name === undefined || handler === undefined)
    return { stdout: "", stderr: `usage: linstor: invalid choice: '${args.join(" ")}'\n`, status: 2 };
  return api.rack.transaction(() => {
    reconcileLinstor(api);
    if (!hasLinstor(api) || !controllerAnswers(api, listPods(api))) return refused;
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
      return error.status === NOT_FOUND
        ? { stdout: "", stderr: error.message, status: error.status }
        : { stdout: error.message, stderr: "", status: error.status };
    }
  });
}
