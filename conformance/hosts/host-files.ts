// What the programs that read a Proxmox host's files make of those that its scripts leave.

import { renderCorosyncConf } from "../../lab/host/corosync-conf.ts";
import type { ProxmoxClusterPlan } from "../../plan/plan.ts";
import { runTwice, type TwiceResult } from "./run-twice.ts";
import type { TestHost } from "./test-host.ts";

/** Packages that such a test host needs. */
export const hostTools = ["chrony", "corosync", "openssh-client", "prometheus-node-exporter"] as const;

type Members = ProxmoxClusterPlan["members"];
type Changed = Pick<TwiceResult, "changed">;

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

/** Where chrony asks for the time: what it has as sources, and the lines of its own file that would name some more. */
export async function timeServers(host: TestHost, script: string): Promise<Changed & { sources: string[] }> {
  const { changed, said } = await runTwice(host, {
    script,
    tools: { systemctl: "", chronyc: "" },
    // What the package's installation does, and Debian's own choice of servers with it.
    before:
      "mkdir -p /run/chrony /etc/chrony/conf.d /etc/chrony/sources.d\ncp /usr/share/chrony/chrony.conf /etc/chrony",
    // It leaves the clock alone.
    after:
      "ip link set lo up\nchronyd -x -u root\nsleep 0.5\n/usr/bin/chronyc -c -n sources | cut -d , -f 3\nchronyd -p | grep -E '^ *(server|pool|peer) ' || :",
  });
  return { changed, sources: lines(said).sort() };
}

/** The installer's files (Proxmox VE 9), and one as older releases had it. */
const installedSources = (["ceph-squid", "pve"] as const)
  .map(
    (name) =>
      `cat >/etc/apt/sources.list.d/${name}-enterprise.sources <<'FILE'\nTypes: deb\nURIs: https://enterprise.proxmox.com/debian/${name}\nSuites: trixie\nComponents: ${name === "pve" ? "pve-enterprise" : "enterprise"}\nSigned-By: /usr/share/keyrings/proxmox-archive-keyring.gpg\nFILE`,
  )
  .concat(
    "echo 'deb https://enterprise.proxmox.com/debian/pve bookworm pve-enterprise' >/etc/apt/sources.list.d/old.list",
  )
  .join("\n");

/** Enterprise repositories that apt would ask. */
export async function aptSources(host: TestHost, script: string): Promise<Changed & { uris: string[] }> {
  const { changed, said } = await runTwice(host, {
    script,
    tools: { pvesubscription: "echo 'status: notfound'" },
    before: installedSources,
    after: "apt-get update --print-uris | grep -o 'https\\?://enterprise[^ ]*' || :",
  });
  return { changed, uris: [...new Set(lines(said))] };
}

/** Metrics of rules that the host's node-exporter does not have, and what systemd says of its unit. */
export async function metrics(
  host: TestHost,
  script: string,
  address: string,
  needed: readonly string[],
): Promise<Changed & { missing: string[]; objections: string[] }> {
  const { changed, said } = await runTwice(host, {
    script,
    tools: { systemctl: "", "apt-get": "", "dpkg-query": "echo installed" },
    before: `ip link set lo up\nip link add nic0 type veth peer name switch0\nip link set nic0 up\nip link set switch0 up\nip addr add ${address}/24 dev nic0`,
    after: [
      ". /etc/default/prometheus-node-exporter",
      "prometheus-node-exporter $ARGS >/dev/null 2>&1 &",
      `for try in 1 2 3 4 5 6 7 8 9 10; do sleep 0.3; python3 -c 'import urllib.request as u; print(u.urlopen("http://${address}:9100/metrics").read().decode())' 2>/dev/null && break; done`,
      "echo; echo @verify; systemd-analyze verify prometheus-node-exporter.service 2>&1",
    ].join("\n"),
  });
  const [exported = "", objections = ""] = said.split("@verify\n");
  const names = new Set([...exported.matchAll(/^(node_\w+)[ {]/gm)].map(([, name]) => name));
  return { changed, missing: needed.filter((name) => !names.has(name)), objections: lines(objections) };
}

/** The addresses that corosync reads from a file, a line a member; it refuses what it cannot run with. */
const readCorosync = (name: string): string =>
  `corosync -t -c /etc/pve/corosync.conf >&2\nawk -v at=@${name} '$1 == "name:" { host = $2; line = at " " host } $1 ~ /^ring[0-9]+_addr:$/ { line = line " " $2 } $1 == "}" && host != "" { print line; host = "" }' /etc/pve/corosync.conf`;

/** A cluster's links as corosync has them with all hosts, and while the last one joins. */
export async function corosyncLinks(
  host: TestHost,
  args: { name: string; members: Members; script: string; admission: string },
): Promise<Changed & { links: string[]; whileJoining: string[] }> {
  const { members } = args;
  const conf = (of: Members, links: number): string =>
    renderCorosyncConf({
      name: args.name,
      configVersion: of.length,
      nodes: of.map((member, i) => ({ host: member.host, nodeId: i + 1, links: member.links.slice(0, links) })),
    });
  const write = (text: string): string => `cat >/etc/pve/corosync.conf <<'FILE'\n${text}FILE\n`;
  const own = members[0]?.links ?? [];
  const before = [
    "mkdir -p /etc/pve /etc/corosync /root/.ssh\nhead -c 256 /dev/urandom >/etc/corosync/authkey\nip link set lo up",
    ...own.map((address) => `ip addr add ${address}/24 dev lo`),
  ].join("\n");
  const tools = { pvecm: "echo 'Quorate: Yes'", ping: "" };
  const whole = await runTwice(host, {
    script: args.script,
    tools,
    before: `${before}\n${write(conf(members, 1))}`,
    after: readCorosync("links"),
  });
  const joining = await runTwice(host, {
    script: args.admission,
    tools,
    before: `${before}\n${write(conf(members.slice(0, -1), own.length))}`,
    after: readCorosync("links"),
    stdin: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0000000000000000000000000000000000000000000 root@joining",
  });
  const read = ({ said }: TwiceResult): string[] => lines(said).map((line) => line.replace("@links ", ""));
  return { changed: [...whole.changed, ...joining.changed], links: read(whole), whileJoining: read(joining) };
}

/** Whether OpenSSH finds what the two hosts were told of each other. */
export async function introduction(
  host: TestHost,
  args: { introduce: string; admit: string; firstAddress: string },
): Promise<Changed & { isKnown: boolean; isAuthorized: boolean }> {
  // Keys of both hosts; the same on either test host.
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPKQ4lq2Zp1vyBBk5rHnB0yTg0Zq6WQ5B4n1zHxT3s5L root@host";
  const known = await runTwice(host, {
    script: args.introduce,
    tools: {},
    after: `ssh-keygen -F ${args.firstAddress} -f /root/.ssh/known_hosts || :`,
    stdin: key,
  });
  const authorized = await runTwice(host, {
    script: args.admit,
    tools: {},
    before: "mkdir -p /root/.ssh /etc/pve\n: >/etc/pve/corosync.conf",
    after: "ssh-keygen -l -f /root/.ssh/authorized_keys || :",
    stdin: key,
  });
  return {
    changed: [...known.changed, ...authorized.changed],
    isKnown: known.said.includes(key.split(" ")[1] ?? "?"),
    isAuthorized: /^256 SHA256:\S+ .*\(ED25519\)$/m.test(authorized.said),
  };
}
