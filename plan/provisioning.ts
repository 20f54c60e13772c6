// The first boot by PXE: who answers on which VLAN, and which address each machine has until it starts from its own disk.
import type { Environment } from "../config/schema.ts";
import type { Cables } from "./cables.ts";
import type { Draft } from "./draft.ts";
import { formatAddress, formatMask } from "./ipv4.ts";
import { sortedEntries } from "./order.ts";
import type { ProvisioningPlan } from "./plan.ts";

type Host = Environment["hosts"][string];

/** Checks `provisioning` and every machine's `pxe`, and claims their addresses. */
export function readProvisioning(draft: Draft, cables: Cables): void {
  const { hosts, provisioning, vlans } = draft.env;
  for (const [name, { pxe }] of sortedEntries(hosts)) {
    if (pxe === undefined || (provisioning !== undefined && draft.metalNode(name) !== undefined)) continue;
    const why =
      draft.env.platform !== "metal"
        ? `${name} runs Proxmox, which is installed by hand`
        : provisioning === undefined
          ? "there is no provisioning: { vlan, server } that would answer it"
          : `no node is installed on ${name}`;
    draft.error("pxe-without-provisioning", `hosts.${name}.pxe`, `${why}; add what is missing or remove pxe`);
  }
  if (provisioning === undefined || !draft.known("vlan", provisioning.vlan, vlans, "provisioning.vlan")) return;
  draft.known("device", provisioning.server, vlans[provisioning.vlan]?.devices ?? {}, "provisioning.server");
  for (const [name, host] of sortedEntries(hosts)) readMachine(draft, cables, provisioning.vlan, name, host);
}

function readMachine(draft: Draft, cables: Cables, vlan: string, name: string, { pxe, nics }: Host): void {
  if (pxe === undefined || draft.metalNode(name) === undefined) return;
  const path = `hosts.${name}.pxe`;
  draft.claimOn(vlan, pxe.address, `${name} (PXE)`, `${path}.address`);
  if (!draft.known("nic", pxe.nic, nics, `${path}.nic`)) return;
  if (nics[pxe.nic]?.mac === undefined)
    draft.error(
      "nic-without-mac",
      `hosts.${name}.nics.${pxe.nic}`,
      `${pxe.nic} of ${name} has no mac; the PXE server knows a machine by it, and boots no stranger`,
    );
  const end = cables.get(`${name}/${pxe.nic}`);
  if (end === undefined)
    draft.error(
      "pxe-unreachable",
      `${path}.nic`,
      `${pxe.nic} of ${name} is in no switch's port table; add the port it is plugged into`,
    );
  else if (end.native !== vlan)
    draft.error(
      "pxe-unreachable",
      `${end.path}.native`,
      `${name} boots by ${pxe.nic}, whose firmware tags nothing, and ${end.native === undefined ? "no VLAN is" : `VLAN ${end.native} is what is`} untagged on port ${end.port} of ${end.switchName}; make ${vlan} native there`,
    );
}

/** What the PXE server has to know; absent: machines are booted from sticks. */
export function planProvisioning(draft: Draft): { readonly provisioning?: ProvisioningPlan } {
  const { hosts, provisioning, vlans } = draft.env;
  const vlan = draft.vlans.get(provisioning?.vlan ?? "");
  const server = vlans[provisioning?.vlan ?? ""]?.devices[provisioning?.server ?? ""];
  if (vlan === undefined || server === undefined || provisioning === undefined) return {};
  const pool = vlan.ranges.find(({ use }) => use === "dhcp");
  return {
    provisioning: {
      vlan: vlan.name,
      server: { name: provisioning.server, address: server },
      mask: formatMask(vlan.prefix),
      ...(pool === undefined ? {} : { pool: { from: formatAddress(pool.from), to: formatAddress(pool.to) } }),
      machines: sortedEntries(hosts).flatMap(([host, { pxe, nics, outOfBand }]) => {
        const mac = nics[pxe?.nic ?? ""]?.mac?.toLowerCase();
        if (pxe === undefined || mac === undefined) return [];
        const controller = outOfBand?.kind === "ipmi" ? { ipmi: outOfBand.address } : {};
        return [{ host, nic: pxe.nic, mac, address: pxe.address, ...controller }];
      }),
    },
  };
}
