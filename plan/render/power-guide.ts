// What happens when the mains go, and how the rack comes back: for a rack with a battery.
import type { OutOfBandPlan, Plan } from "../plan.ts";
import { codeBlock, generatedDocument, markdownTable, section } from "./markdown-table.ts";

/** How all of a rack is switched off: the commands, and why they are those. */
interface Shutdown {
  readonly commands: readonly string[];
  readonly why: string;
  /** What is there again by itself, once the hosts are. */
  readonly back: string;
}

/** Renders the page; undefined: there is no battery. */
export function renderPowerGuide(plan: Plan, source: string): string | undefined {
  const { shutdown } = plan.cluster;
  const { power } = plan;
  if (shutdown === undefined || power?.upsMinutes === undefined) return undefined;
  const { graceSeconds, criticalSeconds, systemSeconds, hostSeconds } = shutdown;
  const off = graceSeconds + systemSeconds;
  const total = off + hostSeconds;
  const { commands, why, back } = plan.platform === "proxmox" ? shutdownOfHosts(plan) : shutdownOfNodes(plan);
  return generatedDocument(
    `Power of ${plan.name}`,
    source,
    section(
      "When the mains go",
      `At full load (${power.maxWatts} W) the battery lasts ${power.upsMinutes} minutes. The orderly shutdown takes ${minutes(total)} at most, so give the alarm when ${minutes(total)} are left, or earlier.`,
      markdownTable(
        ["after", "what"],
        [
          [
            "0 s",
            "all nodes are told at once; pods of your own begin to end, each within its own terminationGracePeriodSeconds",
          ],
          [`${graceSeconds - criticalSeconds} s at most`, "critical pods end: storage, network, load balancer"],
          [`${graceSeconds} s at most`, "Talos stops its services, closes its volumes and switches off"],
          ...(hostSeconds === 0
            ? []
            : [
                [`${off} s at most`, "no machine runs any more, or Proxmox takes its power; Ceph stops with its hosts"],
              ]),
          [`${total} s at most`, "the hosts draw nothing; switches and router last as long as the battery does"],
        ],
      ),
      "Whoever reads the battery (`upsmon` of NUT on a machine that is not of this rack, a NAS, the router) runs, in this order:",
      codeBlock("sh", commands.join("\n")),
      why,
    ),
    section(
      "When they come back",
      `Switches and router first, then the hosts, in any order: their firmware starts them after a power failure. ${back} Nothing has to be run; \`pulumi up\` changes nothing.`,
      "A host that stays dark is switched on at its button, or by its management controller. The program does not do it: what it switches on is a new machine, once (`outOfBand.firstBoot`).",
      controllers(plan),
    ),
  );
}

/** Talos on the metal: the nodes are all there is. */
function shutdownOfNodes({ nodes, cluster }: Plan): Shutdown {
  const addressesOf = (role: string): string[] =>
    nodes.filter((node) => node.role === role).map((node) => node.managementAddress);
  const [workers, controlPlanes] = [addressesOf("worker"), addressesOf("controlplane")];
  const off = (addresses: readonly string[]): string =>
    `talosctl shutdown --force --wait=false -e ${controlPlanes.join(",")} -n ${addresses.join(",")}`;
  const from =
    cluster.ingress === undefined ? "" : " Its address must be one that `talos.ingressFirewall.operators` names.";
  return {
    commands: [...(workers.length === 0 ? [] : [off(workers)]), off(controlPlanes)],
    why: `\`--force\`: no node is drained first. Draining moves pods to nodes that go dark as well, and the disruption budgets of storage would stop it half way. Nodes are told together, not one after the other: with the second control plane gone etcd has no majority, and with the second replica a volume takes no more writes; by then every pod must have ended. The command needs a talosconfig with the role \`os:operator\`, and nothing of Kubernetes.${from}`,
    back: "etcd is there with the second control plane; LINSTOR's replicas compare what they missed, and volumes are writable again once most of each are up.",
  };
}

/** Machines on Proxmox: all machines of all hosts first, then the hosts. */
function shutdownOfHosts({ hosts, ceph }: Plan): Shutdown {
  const onEach = (command: string): string =>
    `for host in ${hosts.map(({ managementAddress }) => managementAddress).join(" ")}; do ssh root@$host ${command} & done; wait`;
  const data =
    ceph === undefined
      ? ""
      : " A host that is told to switch itself off stops its own machines and then its part of Ceph, while machines of other hosts still write: with the second host gone their volumes would hang, and Proxmox would take their power in the middle of it.";
  return {
    commands: [onEach("pvesh create /nodes/localhost/stopall"), onEach("systemctl poweroff")],
    why: `Machines first, on all hosts at once, and hosts only when no machine runs: the first line comes back when all have ended.${data} Talos is told by its guest agent and drains nobody; a machine that has not ended in time is switched off hard. It takes nothing but SSH to the hosts.`,
    back: `Proxmox starts the machines once most hosts hear each other${ceph === undefined ? "" : ", and Ceph serves again with the second monitor; it moves no data for hosts that are away less than ten minutes longer than the first"}. etcd is there with the second control plane.`,
  };
}

function controllers({ hosts }: Plan): string {
  const rows = hosts.flatMap(({ name, outOfBand }) =>
    outOfBand === undefined ? [] : [[name, outOfBand.kind, outOfBand.address, wayOf(outOfBand)]],
  );
  if (rows.length === 0) return "None of the hosts has one in the description (`hosts.<host>.outOfBand`).";
  return markdownTable(["host", "controller", "address", "how"], rows);
}

/** How a person switches a host on. */
function wayOf({ kind, address, tls }: OutOfBandPlan): string {
  switch (kind) {
    case "vpro":
      return `${tls ? `https://${address}:16993` : `http://${address}:16992`}, Remote Control, Turn power on (AMT's own page)`;
    case "ipmi":
      return `ipmitool -I lanplus -H ${address} -U <user> -E chassis power on`;
    default:
      return `http://${address}`;
  }
}

const minutes = (seconds: number): string => `${Math.ceil((seconds / 60) * 10) / 10} minutes`;
