// Cables: which NIC is plugged into which switch port, and whether both ends agree on speed, VLANs and LACP.
import type { Draft } from "./draft.ts";
import { sortedEntries } from "./order.ts";
import type { SwitchPlan, SwitchPortPlan } from "./plan.ts";

/** One end of a cable at a switch. */
export interface CableEnd {
  readonly switchName: string;
  readonly port: string;
  readonly path: string;
  readonly speedMbps: number;
  readonly mtu: number;
  readonly lacp: boolean;
  readonly lag?: string;
  readonly native?: string;
  readonly tagged: ReadonlySet<string>;
}

/** `<host>/<nic>` to the switch port it is plugged into. */
export type Cables = ReadonlyMap<string, CableEnd>;

/** Reads all port tables; reports unknown names, NICs plugged in twice, and LACP groups whose members differ. */
export function readCables(draft: Draft): Cables {
  const cables = new Map<string, CableEnd>();
  const devices = Object.values(draft.env.vlans).flatMap((vlan) => Object.keys(vlan.devices));
  const uplinks = new Set([...Object.keys(draft.env.switches), draft.env.router.name, ...devices]);
  for (const [switchName, device] of sortedEntries(draft.env.switches)) {
    const lags = new Map<string, { port: string; path: string; key: string; host: string | undefined }>();
    for (const [port, settings] of sortedEntries(device.ports)) {
      const path = `switches.${switchName}.ports.${port}`;
      const tagged = taggedVlans(draft, settings.tagged, `${path}.tagged`);
      if (
        settings.native !== undefined &&
        draft.known("vlan", settings.native, Object.keys(draft.env.vlans), `${path}.native`) &&
        settings.tagged !== "all" &&
        tagged.has(settings.native)
      ) {
        draft.error(
          "vlan-native-and-tagged",
          path,
          `VLAN ${settings.native} is both native and tagged; frames are either untagged or tagged, leave it out of one`,
        );
      }
      if (settings.uplink !== undefined) draft.known("uplink", settings.uplink, uplinks, `${path}.uplink`);
      if (settings.lag !== undefined) {
        const key = `${settings.speedMbps} Mbit/s, native ${settings.native ?? "none"}, tagged ${[...tagged].sort().join(" ") || "none"}`;
        const first = lags.get(settings.lag);
        if (first === undefined) lags.set(settings.lag, { port, path, key, host: settings.host });
        else {
          if (first.key !== key)
            draft.error(
              "lag-members-differ",
              path,
              `port ${port} (${key}) is in LACP group ${settings.lag} with port ${first.port} (${first.key}); all members must be set alike`,
            );
          if (first.host !== settings.host)
            draft.error(
              "lag-shared",
              path,
              `LACP group ${settings.lag} joins ports of ${first.host ?? "no host"} and ${settings.host ?? "no host"}; a group ends at one device`,
            );
        }
        if (!device.lacp)
          draft.error(
            "switch-without-lacp",
            path,
            `${device.model} cannot form LACP groups; take the port out of ${settings.lag} or use another switch`,
          );
      }
      if (settings.host === undefined) continue;
      if (!draft.known("host", settings.host, Object.keys(draft.env.hosts), `${path}.host`)) continue;
      const nics = draft.env.hosts[settings.host]?.nics ?? {};
      if (settings.nic === undefined) {
        draft.error(
          "port-without-nic",
          path,
          `port ${port} leads to ${settings.host} but does not say to which NIC; add nic: (there are: ${Object.keys(nics).join(", ")})`,
        );
        continue;
      }
      if (!draft.known("nic", settings.nic, Object.keys(nics), `${path}.nic`)) continue;
      const key = `${settings.host}/${settings.nic}`;
      const other = cables.get(key);
      if (other !== undefined) {
        draft.error(
          "nic-cabled-twice",
          path,
          `${key} is already plugged into port ${other.port} of ${other.switchName} (${other.path}); a NIC has one cable`,
        );
        continue;
      }
      const nicSpeed = nics[settings.nic]?.speedMbps;
      if (nicSpeed !== undefined && nicSpeed !== settings.speedMbps) {
        draft.warn(
          "link-speed-differs",
          `${path}.speedMbps`,
          `the port has ${settings.speedMbps} Mbit/s and ${key} has ${nicSpeed} Mbit/s; the link runs at the lower speed or not at all`,
        );
      }
      cables.set(key, {
        switchName,
        port,
        path,
        speedMbps: settings.speedMbps,
        mtu: settings.mtu ?? device.mtu,
        lacp: device.lacp,
        tagged,
        ...(settings.lag === undefined ? {} : { lag: settings.lag }),
        ...(settings.native === undefined ? {} : { native: settings.native }),
      });
    }
  }
  return cables;
}

function taggedVlans(draft: Draft, tagged: "all" | readonly string[], path: string): Set<string> {
  if (tagged === "all") return new Set(Object.keys(draft.env.vlans));
  return new Set(tagged.filter((name, i) => draft.known("vlan", name, Object.keys(draft.env.vlans), `${path}[${i}]`)));
}

/** The switches as the Plan shows them, with VLAN ids for names. */
export function planSwitches(draft: Draft): SwitchPlan[] {
  const idOf = (name: string): number[] => {
    const id = draft.env.vlans[name]?.id;
    return id === undefined ? [] : [id];
  };
  return sortedEntries(draft.env.switches).map(([name, device]) => ({
    name,
    model: device.model,
    os: device.os,
    mtu: device.mtu,
    lacp: device.lacp,
    ...(device.address === undefined ? {} : { address: device.address }),
    ports: sortedEntries(device.ports)
      .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
      .map(([port, settings]): SwitchPortPlan => {
        const names =
          settings.tagged === "all"
            ? Object.keys(draft.env.vlans).filter((vlan) => vlan !== settings.native)
            : settings.tagged;
        return {
          port,
          speedMbps: settings.speedMbps,
          mtu: settings.mtu ?? device.mtu,
          taggedVlanIds: names.flatMap(idOf).sort((a, b) => a - b),
          ...(settings.native === undefined ? {} : { nativeVlanId: idOf(settings.native)[0] ?? 0 }),
          ...(settings.host === undefined ? {} : { host: settings.host }),
          ...(settings.nic === undefined ? {} : { nic: settings.nic }),
          ...(settings.uplink === undefined ? {} : { uplink: settings.uplink }),
          ...(settings.lag === undefined ? {} : { lag: settings.lag }),
        };
      }),
  }));
}

/** Switches have addresses too: on whichever VLAN contains them. */
export function claimSwitchAddresses(draft: Draft): void {
  for (const [name, device] of sortedEntries(draft.env.switches)) {
    if (device.address === undefined) continue;
    const path = `switches.${name}.address`;
    const address = draft.address(device.address, path);
    if (address === undefined) continue;
    const vlan = draft.vlanOf(address);
    if (vlan === undefined)
      draft.error(
        "address-outside-vlan",
        path,
        `${device.address} of ${name} is on none of the VLANs; add its VLAN or correct the address`,
      );
    else draft.claimOn(vlan.name, device.address, name, path);
  }
}
