// `lab status`: the rack on one screen.

import { renderKubernetes } from "./kubernetes-text.ts";
import type { LabCommand } from "./lab-command.ts";
import { renderLinstor } from "./linstor-text.ts";
import { type RackStatus, rackStatus } from "./rack-status.ts";
import { renderSection, renderTable } from "./table.ts";

const yes = (is: boolean, good: string, bad: string) => (is ? good : bad.toUpperCase());

function renderHosts(status: RackStatus): string[] {
  const rows = status.hosts.map((host) => [
    host.name,
    host.model,
    yes(host.powered, "on", "off"),
    host.platform === "metal" ? "" : yes(host.reachable, "reachable", "unreachable"),
    host.platform === "metal" ? "" : yes(host.quorate, "quorate", "no quorum"),
    host.failedDisks.length > 0 ? `FAILED: ${host.failedDisks.join(", ")}` : "disks ok",
  ]);
  const links = status.hosts.flatMap((host) =>
    host.links.map((link) => [
      host.name,
      link.name,
      link.kind,
      link.state === "no cable" ? "NO CABLE" : link.state,
      String(link.mtu),
      link.addresses.join(" "),
    ]),
  );
  return [
    renderSection("Hosts", ["name", "model", "power", "management", "cluster", ""], rows, "none"),
    renderSection("Interfaces", ["host", "name", "kind", "state", "MTU", "addresses"], links, "none"),
    ...(status.pulledCables.length > 0
      ? [
          renderSection(
            "Pulled cables",
            ["cable"],
            status.pulledCables.map((id) => [id]),
            "",
          ),
        ]
      : []),
  ];
}

function renderMachines(status: RackStatus): string[] {
  const machines = status.vms.map((vm) => [
    String(vm.vmid),
    vm.name,
    vm.host,
    yes(vm.running, "running", "stopped"),
    String(vm.cores),
    `${vm.memoryMiB} MiB`,
    vm.addresses.join(" "),
  ]);
  const talos = status.talos.map((node) => [
    node.name,
    node.host,
    node.role,
    node.stage === "running" ? node.stage : node.stage.toUpperCase(),
    node.version,
    node.problem ?? node.addresses.join(" "),
  ]);
  const etcd = status.etcd.flatMap(({ cluster, hasQuorum, members }) =>
    members.map((member) => [
      cluster,
      yes(hasQuorum, "quorum", "no quorum"),
      member.name,
      member.address,
      yes(member.isAlive, "alive", "dead"),
    ]),
  );
  return [
    renderSection(
      "Virtual machines",
      ["id", "name", "host", "state", "cores", "memory", "addresses"],
      machines,
      "none yet: npm run up",
    ),
    renderSection("Talos nodes", ["name", "host", "role", "stage", "version", "addresses"], talos, "none yet"),
    renderSection("etcd", ["cluster", "", "member", "address", ""], etcd, "not bootstrapped yet"),
    ...(status.snapshots.length === 0
      ? []
      : [`Snapshots of etcd\n  ${status.snapshots.length}, the newest ${status.snapshots.at(-1)}`]),
  ];
}

function renderDns(status: RackStatus): string {
  const rows = status.dns.map((record) => [
    record.fqdn,
    record.address,
    record.kind,
    yes(record.alive, "alive", "dead"),
    record.answer,
  ]);
  return renderSection("DNS", ["name", "address", "kind", "", "answer"], rows, "no zone described");
}

function renderCeph({ ceph }: RackStatus): string {
  if (ceph.status === "none") return "Ceph\n  not set up";
  const rows = [
    ["health", [ceph.status, ...ceph.checks].join("; ")],
    [
      "monitors",
      ceph.monitors.map(({ host, address, up }) => `${host} ${address} ${yes(up, "up", "down")}`).join(", "),
    ],
    ["OSDs", `${ceph.osdsUp} of ${ceph.osds} up`],
    ["pools", ceph.pools.join(", ") || "none"],
  ];
  return `Ceph\n${renderTable(rows)}`;
}

/** The rack as text. */
function renderStatus(status: RackStatus): string {
  return [
    `Rack ${status.rack}`,
    ...renderHosts(status),
    ...renderMachines(status),
    ...renderKubernetes(status),
    renderDns(status),
    renderCeph(status),
    ...renderLinstor(status.linstor),
  ].join("\n\n");
}

export const status: LabCommand = {
  usage: ["lab status [--json]"],
  summary: "the rack as it is: hosts, nodes, services, addresses, Ceph",
  run(bench, line, print) {
    const rack = bench.openRack();
    const found = rackStatus(rack, bench.plan);
    print(line.options.has("json") ? JSON.stringify(found, undefined, 2) : renderStatus(found));
    return 0;
  },
};
