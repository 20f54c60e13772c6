// `/etc/pve/corosync.conf` as Proxmox VE writes it, and what corosync takes over when somebody has changed it (pvecm, "Adding Redundant Links
// To An Existing Cluster").
import type { CorosyncCluster } from "../rack/corosync.ts";
import { CommandFailure } from "./host-command.ts";

/** The file of a cluster. */
export function renderCorosyncConf({ name, nodes, configVersion }: CorosyncCluster): string {
  const links = Math.max(1, ...nodes.map((node) => node.links.length));
  const nodeBlocks = nodes.map(
    (node) =>
      `  node {\n    name: ${node.host}\n    nodeid: ${node.nodeId}\n    quorum_votes: 1\n${node.links
        .map((address, link) => `    ring${link}_addr: ${address}\n`)
        .join("")}  }\n`,
  );
  const interfaces = Array.from({ length: links }, (_, link) => `  interface {\n    linknumber: ${link}\n  }\n`).join(
    "",
  );
  return [
    "logging {\n  debug: off\n  to_syslog: yes\n}\n",
    `nodelist {\n${nodeBlocks.join("")}}\n`,
    "quorum {\n  provider: corosync_votequorum\n}\n",
    `totem {\n  cluster_name: ${name}\n  config_version: ${configVersion}\n${interfaces}  ip_version: ipv4-6\n  link_mode: passive\n  secauth: on\n  version: 2\n}\n`,
  ].join("\n");
}

interface Block {
  readonly values: Map<string, string>;
  readonly blocks: { readonly name: string; readonly block: Block }[];
}

function readBlocks(text: string): Block {
  const root: Block = { values: new Map(), blocks: [] };
  const open = [root];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const current = open.at(-1) ?? root;
    const [, name] = /^(\w+) \{$/.exec(line) ?? [];
    const [, key, value] = /^(\w+):\s*(.*)$/.exec(line) ?? [];
    if (line === "" || line.startsWith("#")) continue;
    if (name !== undefined) {
      const block: Block = { values: new Map(), blocks: [] };
      current.blocks.push({ name, block });
      open.push(block);
    } else if (key !== undefined) current.values.set(key, value ?? "");
    else if (line === "}" && open.length > 1) open.pop();
    else throw new CommandFailure(`corosync.conf: parse error at line ${index + 1}: ${line}`);
  }
  if (open.length > 1) throw new CommandFailure("corosync.conf: parse error: missing closing brace");
  return root;
}

/** The cluster that a changed file describes; refused when corosync would not take it over. */
export function readCorosyncConf(text: string, present: CorosyncCluster): CorosyncCluster {
  const root = readBlocks(text);
  const find = (name: string) => root.blocks.find((candidate) => candidate.name === name)?.block;
  const totem = find("totem");
  const configVersion = Number(totem?.values.get("config_version"));
  const nodes = (find("nodelist")?.blocks ?? []).map(({ block: { values } }) => ({
    host: values.get("name") ?? "",
    nodeId: Number(values.get("nodeid")),
    links: Array.from({ length: 8 }, (_, link) => values.get(`ring${link}_addr`)).filter((link) => link !== undefined),
  }));
  const hosts = (list: readonly { host: string }[]) =>
    list
      .map(({ host }) => host)
      .sort()
      .join(", ");
  if (totem?.values.get("cluster_name") !== present.name) {
    throw new CommandFailure(`corosync.conf: cluster_name must stay ${present.name}`);
  }
  if (hosts(nodes) !== hosts(present.nodes)) {
    throw new CommandFailure(`corosync.conf: members are ${hosts(present.nodes)}; hosts join and leave by pvecm only`);
  }
  if (new Set(nodes.map((node) => node.links.length)).size > 1) {
    throw new CommandFailure("parse error in config: Not all nodes have the same number of links");
  }
  const changes = JSON.stringify(nodes) !== JSON.stringify(present.nodes);
  if (changes && configVersion <= present.configVersion) {
    throw new CommandFailure(
      `corosync.conf: config_version ${configVersion} is not newer than ${present.configVersion}`,
    );
  }
  return { name: present.name, nodes, configVersion };
}
