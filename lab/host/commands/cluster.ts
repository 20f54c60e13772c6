// `pvecm`: the Proxmox cluster.
import { clusterOf, createCluster, joinCluster, quorumOf, removeNode } from "../../rack/corosync.ts";
import { addressesOf, ownerOf, reaches } from "../../rack/network.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";
import { changeSystem } from "../operating-system.ts";
import { type Options, parseOptions } from "../options.ts";
import { RackFiles } from "../rack-files.ts";
import { hostKeyOf } from "../ssh.ts";

const LINKS = Array.from({ length: 8 }, (_, index) => `link${index}`);

/** Addresses of `--link0 10.8.16.10,priority=15` and its siblings, in order. */
function linkAddresses({ rack, host }: HostContext, options: Options): string[] {
  const given = LINKS.flatMap((link) => {
    const value = options.get(link);
    return value === undefined ? [] : [value.replace(/^address=/, "").split(",")[0] ?? ""];
  });
  // Without one, pvecm takes the address of the host's own name.
  return given.length > 0 ? given : addressesOf(rack, host).slice(0, 1);
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure((error as Error).message, 255);
  }
}

function status({ rack, host }: HostContext, { stdout }: HostCall): number {
  const cluster = clusterOf(rack, host);
  if (!cluster) {
    throw new CommandFailure(
      "Error: Corosync config '/etc/pve/corosync.conf' does not exist - is this node part of a cluster?\n",
      2,
    );
  }
  const { isQuorate, expectedVotes, online } = quorumOf(rack, host);
  const members = cluster.nodes.filter((node) => online.includes(node.host));
  stdout.write(
    [
      `Cluster information\n-------------------\nName:             ${cluster.name}\nConfig Version:   ${cluster.configVersion}\nTransport:        knet\nSecure auth:      on\n`,
      `Quorum information\n------------------\nNodes:            ${online.length}\nQuorate:          ${isQuorate ? "Yes" : "No"}\n`,
      `Votequorum information\n----------------------\nExpected votes:   ${expectedVotes}\nTotal votes:      ${online.length}\nQuorum:           ${Math.floor(expectedVotes / 2) + 1}${isQuorate ? "" : " Activity blocked"}\nFlags:            ${isQuorate ? "Quorate" : ""}\n`,
      `Membership information\n----------------------\n    Nodeid      Votes Name\n${members.map((node) => `0x${String(node.nodeId).padStart(8, "0")}          1 ${node.links[0]}${node.host === host ? " (local)" : ""}\n`).join("")}`,
    ].join("\n"),
  );
  return 0;
}

function nodes({ rack, host }: HostContext, { stdout }: HostCall): number {
  const cluster = clusterOf(rack, host);
  if (!cluster)
    throw new CommandFailure(
      "Error: Corosync config '/etc/pve/corosync.conf' does not exist - is this node part of a cluster?\n",
      2,
    );
  stdout.write("\nMembership information\n----------------------\n    Nodeid      Votes Name\n");
  for (const node of cluster.nodes)
    stdout.write(
      `${String(node.nodeId).padStart(10)}          1 ${node.host}${node.host === host ? " (local)" : ""}\n`,
    );
  return 0;
}

/** `--use_ssh` logs in to the other host as root, with nobody there to type a password or to say yes. */
function requireSshTrust({ rack, host, files }: HostContext, peer: string): void {
  const owner = ownerOf(rack, peer);
  if (owner === undefined || !reaches(rack, host, peer)) return;
  const holds = (text: string | undefined, entry: string) =>
    entry !== "" && (text ?? "").split("\n").some((line) => line.includes(entry));
  const keyOf = (line: string | undefined) => (line ?? "").split(" ").slice(0, 2).join(" ").trim();
  const isKnown = holds(files.read("/root/.ssh/known_hosts"), `${peer} ${keyOf(hostKeyOf(rack, owner))}`);
  if (!isKnown) throw new CommandFailure("Host key verification failed.\nunable to copy ssh ID: exit code 255", 255);
  const admitted = new RackFiles(rack, owner).read("/root/.ssh/authorized_keys");
  if (holds(admitted, keyOf(files.read("/root/.ssh/id_rsa.pub")))) return;
  throw new CommandFailure(
    `root@${peer}: Permission denied (publickey,password).\nunable to copy ssh ID: exit code 1`,
    255,
  );
}

async function pvecm(context: HostContext, call: HostCall): Promise<number> {
  const [verb, ...args] = call.args;
  const options = parseOptions(args, ["use_ssh", "force"], [...LINKS, "nodeid", "votes", "fingerprint"]);
  const { rack, host } = context;
  const [operand = ""] = options.operands;
  const startCorosync = () =>
    changeSystem(rack, host, (system) => {
      system.services["corosync"] = { enabled: true, active: true, startedCount: 1 };
    });
  switch (verb) {
    case "status":
      return status(context, call);
    case "nodes":
      return nodes(context, call);
    case "create":
      refusing(() => rack.transaction(() => createCluster(rack, host, operand, linkAddresses(context, options))));
      startCorosync();
      call.stdout.write(
        "Corosync Cluster Engine Authentication key generator.\nWriting corosync config to /etc/pve/corosync.conf\nRestart corosync and cluster filesystem\n",
      );
      await context.sleep(3);
      return 0;
    case "add":
      if (options.has("use_ssh")) requireSshTrust(context, operand);
      else if (call.stdin.readLine() === undefined) {
        throw new CommandFailure(`Please enter superuser (root) password for '${operand}': 500 no password given`, 255);
      }
      refusing(() => rack.transaction(() => joinCluster(rack, host, operand, linkAddresses(context, options))));
      startCorosync();
      call.stdout.write(
        `copy corosync auth key\nstopping pve-cluster service\nwaiting for quorum...OK\nsuccessfully added node '${host}' to cluster.\n`,
      );
      await context.sleep(10);
      return 0;
    case "delnode":
      refusing(() => rack.transaction(() => removeNode(rack, host, operand)));
      return 0;
    case "expected":
      return 0;
    default:
      throw new CommandFailure(
        `ERROR: unknown command 'pvecm ${verb ?? ""}'\nUSAGE: pvecm <COMMAND> [ARGS] [OPTIONS]`,
        255,
      );
  }
}

/** `pvecm`. */
export function clusterCommands(context: HostContext): CommandTable {
  return { pvecm: { needs: "pve-manager", run: (call) => pvecm(context, call) } };
}
