// Time: certificates, etcd and Ceph stop working when clocks disagree.
import type { Draft } from "./draft.ts";
import { parseAddress } from "./ipv4.ts";

/** Checks the zone's name and the servers that are on one of the VLANs. */
export function checkTime(draft: Draft): void {
  const { ntp, timeZone } = draft.env;
  if (!isTimeZone(timeZone)) {
    const message = `there is no time zone "${timeZone}"; use a name of the IANA database, e.g. Europe/Berlin or Etc/UTC`;
    draft.error("time-zone-unknown", "timeZone", message);
  }
  for (const [i, server] of ntp.entries()) {
    const address = parseAddress(server);
    if (!address.ok) continue;
    const vlan = draft.vlanOf(address.value);
    const isComplete = vlan?.isRouted === (vlan?.gateway !== undefined);
    if (vlan === undefined || !isComplete || draft.ownerOf(address.value) !== undefined) continue;
    draft.error(
      "ntp-server-nobody",
      `ntp[${i}]`,
      `${server} lies on VLAN ${vlan.name} but nobody has that address; correct it or add the device`,
    );
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
