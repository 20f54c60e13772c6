// How the machines of a rack on the metal are booted for the first time: the image, what it needs of the network, and where each answers.
import type { NodePlan, Plan } from "../plan.ts";
import { bootImageUrls, renderSchematic, schematicId } from "../schematic.ts";
import { codeBlock, generatedDocument, markdownTable, section } from "./markdown-table.ts";

const factoryUrl = "https://factory.talos.dev";

/** Renders the page of the first boot; only for a rack on the metal. */
export function renderBootGuide(plan: Plan, source: string): string {
  const schematic = renderSchematic(plan.image, "first-boot");
  const { iso, pxe } = bootImageUrls(plan.image, factoryUrl);
  const lease = (node: string) => plan.router.leases.find(({ name }) => name === node);
  const machines = plan.nodes.map((node) => [
    node.host,
    node.name,
    node.managementAddress,
    lease(node.name)?.mac ?? "",
    installPlace(node),
  ]);
  const [first] = plan.nodes;
  const isSigned = plan.image.secureBoot;
  const secureBoot = isSigned ? "secure boot on with its keys cleared (setup mode), TPM 2.0 on" : "secure boot off";
  const enrolment = isSigned
    ? "Choose `Enroll Secure Boot keys: auto` in the menu, once; the machine starts again and starts nothing else from then on. "
    : "";
  return generatedDocument(
    `Booting the machines of ${plan.name}`,
    source,
    section(
      "1. The image",
      "The factory has to know once what the image contains; it answers with the id that the addresses below hold.",
      codeBlock("yaml", schematic),
      codeBlock(
        "sh",
        `curl --data-binary @schematic.yaml ${factoryUrl}/schematics\n# {"id":"${schematicId(schematic)}"}`,
      ),
      `USB stick: write ${iso} to it, e.g. \`dd if=${iso.slice(iso.lastIndexOf("/") + 1)} of=/dev/sdX bs=4M conv=fsync\`. It works on tagged ports and in LACP groups: the image brings the network up as the switch expects it.`,
      plan.provisioning === undefined
        ? `Network: boot the iPXE script ${pxe}. The firmware itself speaks neither VLAN nor LACP: for PXE the first port of each machine must carry the network untagged, and the switch must forward on it before the group has formed.`
        : "Network: [pxe.md](pxe.md) has the server's configuration, and how the machines are told to boot from it.",
    ),
    section(
      "2. The addresses",
      "Each machine gets the address it keeps, from a static lease of the router. A bond asks with the hardware address of its first member.",
      markdownTable(["host", "node", "address", "asks as", "installs itself on (everything there is lost)"], machines),
    ),
    section(
      "3. In order",
      `Firmware: UEFI, ${secureBoot}, virtualisation and VT-d on, start after a power failure. Boot each machine from the image once; the order does not matter. ${enrolment}Its console shows \`STAGE: Maintenance\` and its address.`,
      first === undefined
        ? ""
        : codeBlock(
            "sh",
            `talosctl get disks --insecure --nodes ${first.managementAddress}   # lists its disks: it is there`,
          ),
      ...byAmt(plan),
      `Then \`pulumi up\`: each node is sent its configuration where it answers, installs itself and starts again from its own disk. Take the stick out, or put the disk before it in the boot order.`,
    ),
    section(
      "Rehearsal",
      `\`npm run up -- --stack ${plan.name}-lab\` does all of this on the simulated rack, from machines that are switched off.`,
    ),
  );
}

/** Machines that the program boots; the sentence before is for the others. */
function byAmt({ amtFirstBoots }: Plan): string[] {
  if (amtFirstBoots.length === 0) return [];
  const from = amtFirstBoots.map(({ host, fromNetwork }) => `${host} ${fromNetwork ? "by PXE" : "from its stick"}`);
  return [
    `Not to be booted by hand: ${from.join(", ")}. \`pulumi up\` switches them on by AMT, once (docs/guides/first-boot-by-amt.md).`,
  ];
}

function installPlace({ installDisk, installMatch }: NodePlan): string {
  if (installMatch === undefined) return installDisk;
  const properties = Object.entries(installMatch).map(([property, value]) => `${property} ${value}`);
  return `the disk with ${properties.join(", ")} (${installDisk})`;
}
