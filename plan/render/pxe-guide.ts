// The PXE server of a rack on the metal: what it answers, what it serves, and how the machines are told to boot from it.
import type { Plan, ProvisioningPlan } from "../plan.ts";
import { bootImageUrls } from "../schematic.ts";
import { codeBlock, generatedDocument, markdownTable, section } from "./markdown-table.ts";

const factoryUrl = "https://factory.talos.dev";
/** What the server serves, by TFTP and by HTTP. */
const root = "/srv/pxe";

/** The server's dnsmasq.conf. Client architectures by RFC 4578: 7 and 9 are UEFI on x86-64. */
export function renderPxeDnsmasq({ server, mask, pool, machines }: ProvisioningPlan): string {
  return [
    "# no name server here",
    "port=0",
    "dhcp-authoritative",
    `dhcp-range=${pool === undefined ? `${server.address},static` : `${pool.from},${pool.to}`},${mask},1h`,
    "# no router: its route would compete with that of the network which the image brings up",
    "dhcp-option=option:router",
    ...machines.map(({ mac, address, host }) => `dhcp-host=${mac},${address},${host}`),
    "# firmware gets iPXE by TFTP, iPXE gets Talos by HTTP; who is not listed above gets nothing to boot",
    "dhcp-match=set:ipxe,175",
    "dhcp-match=set:efi,option:client-arch,7",
    "dhcp-match=set:efi,option:client-arch,9",
    `dhcp-boot=tag:known,tag:ipxe,http://${server.address}/boot.ipxe`,
    "dhcp-boot=tag:known,tag:!ipxe,tag:efi,snponly.efi",
    "dhcp-boot=tag:known,tag:!ipxe,tag:!efi,undionly.kpxe",
    "enable-tftp",
    `tftp-root=${root}`,
  ].join("\n");
}

/** Renders the page; undefined where machines are booted from sticks. */
export function renderPxeGuide(plan: Plan, source: string): string | undefined {
  const { provisioning } = plan;
  if (provisioning === undefined) return undefined;
  const { server, vlan, machines } = provisioning;
  const { pxe } = bootImageUrls(plan.image, factoryUrl);
  const keeps = (host: string): string => plan.nodes.find((node) => node.host === host)?.managementAddress ?? "";
  return generatedDocument(
    `Booting the machines of ${plan.name} by PXE`,
    source,
    section(
      `1. The server: ${server.name}, ${server.address}`,
      "Hand the schematic in first, as [boot-metal.md](boot-metal.md) says. The factory speaks HTTPS only, and the iPXE of most distributions does not: the server fetches Talos once and hands it on by HTTP. So only the server needs a way out; the machines are given no router.",
      codeBlock("sh", serverSteps(server.address, pxe)),
      "`/etc/dnsmasq.d/pxe.conf`:",
      codeBlock("text", renderPxeDnsmasq(provisioning)),
    ),
    section(
      "2. The machines",
      `On ${vlan} each has an address while its firmware and iPXE run. The image then answers on the network it keeps, and the installed system takes the NIC down.`,
      markdownTable(
        ["host", "boots by", "asks as", "address meanwhile", "then", "management controller"],
        machines.map(({ host, nic, mac, address, ipmi }) => [host, nic, mac, address, keeps(host), ipmi ?? "by hand"]),
      ),
    ),
    section(
      "3. The first boot",
      "From where the management controllers are reached, and only for machines without Talos. The order holds for one start: afterwards they start from their own disk.",
      codeBlock("sh", ipmiSteps(machines)),
      "Then `pulumi up`, as [boot-metal.md](boot-metal.md) says.",
    ),
  );
}

function serverSteps(address: string, pxe: string): string {
  return [
    "apt install curl dnsmasq ipxe nginx-light",
    `mkdir -p ${root} && cd ${root}`,
    "cp /usr/lib/ipxe/snponly.efi /usr/lib/ipxe/undionly.kpxe .",
    `curl -fsSL -o factory.ipxe ${pxe}`,
    "grep -oE 'https://[^ ]+' factory.ipxe | xargs -n 1 curl -fsSLO",
    `sed -E 's#https://[^ ]*/#http://${address}/#' factory.ipxe >boot.ipxe   # kernel, arguments and initramfs as before`,
    `echo 'server { listen ${address}:80; root ${root}; }' >/etc/nginx/conf.d/pxe.conf`,
    "systemctl restart nginx dnsmasq",
  ].join("\n");
}

function ipmiSteps(machines: ProvisioningPlan["machines"]): string {
  const controllers = machines.flatMap(({ ipmi }) => ipmi ?? []);
  return [
    "read -r BMC_USER && read -rs IPMI_PASSWORD && export IPMI_PASSWORD",
    `for bmc in ${controllers.join(" ")}; do`,
    `  ipmitool -I lanplus -H "$bmc" -U "$BMC_USER" -E chassis bootdev pxe options=efiboot`,
    `  ipmitool -I lanplus -H "$bmc" -U "$BMC_USER" -E chassis power on`,
    "done",
  ].join("\n");
}
