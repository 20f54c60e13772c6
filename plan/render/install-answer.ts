// Proxmox VE from a bare host: the answer file of the automated installer and the script of the first boot, after which the host
// answers on its tagged management VLAN and the program can take over (Proxmox VE wiki, Automated Installation).
import type { HostPlan, Plan } from "../plan.ts";

/** Where the hash of the root password and the public key are filled in; neither belongs into a file that git takes. */
const passwordHash = "@ROOT_PASSWORD_HASH@";
const publicKey = "@ROOT_SSH_KEY@";

/** `answer.toml` of one host. */
export function renderInstallAnswer(plan: Plan, host: HostPlan): string {
  const link = managementLink(host);
  const system = host.disks.find((disk) => disk.use === "system");
  const lines = [
    `# ${host.name}: fill in the two @…@ and check with proxmox-auto-install-assistant validate-answer`,
    "[global]",
    'keyboard = "en-us"',
    'country = "us"',
    `fqdn = "${host.fqdn}"`,
    `mailto = "root@${plan.zone}"`,
    `timezone = "${plan.timeZone}"`,
    `root-password-hashed = "${passwordHash}"`,
    `root-ssh-keys = ["${publicKey}"]`,
    "",
    "[network]",
    "# Untagged, as the installer can do no better; the first boot puts the address on the tagged VLAN.",
    'source = "from-answer"',
    `cidr = "${link?.address ?? ""}"`,
    // The installer insists on one; the network file of the first boot has it only where there is one.
    `gateway = "${link?.gateway ?? host.managementAddress}"`,
    `dns = "${plan.dns.servers[0] ?? ""}"`,
    `filter.ID_NET_NAME = "${managementNic(host)}"`,
    "",
    "[disk-setup]",
    'filesystem = "ext4"',
    `filter.DEVLINKS = "*${system?.device ?? ""}*"`,
    "",
    "[first-boot]",
    'source = "from-iso"',
    'ordering = "before-network"',
  ];
  return `${lines.join("\n")}\n`;
}

/** The script that `prepare-iso --on-first-boot` takes along. */
export function renderFirstBoot(host: HostPlan): string {
  return [
    "#!/bin/sh",
    `# ${host.name}: the management address moves to ${host.managementInterface}, before the network comes up for the first time.`,
    "set -eu",
    "cat > /etc/network/interfaces.new <<'INTERFACES'",
    host.interfacesFile.trimEnd(),
    "INTERFACES",
    "cp -n /etc/network/interfaces /etc/network/interfaces.installed",
    "mv /etc/network/interfaces.new /etc/network/interfaces",
    "",
  ].join("\n");
}

const managementLink = (host: HostPlan) =>
  [...host.bridges, ...host.bonds]
    .flatMap((link) => link.vlanInterfaces)
    .concat(host.nicInterfaces)
    .find((link) => link.name === host.managementInterface);

/** The first NIC under the management address: the installer knows no bonds. */
function managementNic(host: HostPlan): string {
  const link = managementLink(host)?.parent ?? "";
  const port = host.bridges.find((bridge) => bridge.name === link)?.ports[0] ?? link;
  return host.bonds.find((bond) => bond.name === port)?.members[0] ?? port;
}
