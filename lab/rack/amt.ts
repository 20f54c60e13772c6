// Intel AMT of a machine on the metal: it has power and an address while the machine is off, and switches it on.
import { randomUUID } from "node:crypto";
import { hosts } from "./hosts.ts";
import type { Collection, Rack } from "./store.ts";
import { cables, switches } from "./switches.ts";
import type { MetalBoot } from "./talos/metal-network.ts";

/** What AMT's setup (MEBx) and the messages so far have left. Documents of kind `amt`, by host. */
export interface Amt {
  /** Of the user `admin`. */
  password: string;
  /** Whether it answers on 16993 with TLS, and not on 16992. */
  tls: boolean;
  /** Not provisioned: its ports are closed. */
  isProvisioned: boolean;
  /** Changing what the machine starts from wants somebody's consent at the machine (client control mode). */
  wantsConsent?: boolean;
  /** Some system of before sleeps on the machine. */
  isAsleep?: boolean;
  /** First in the boot order of AMT's configuration, e.g. `Intel(r) AMT: Force PXE Boot`. */
  bootSource?: string;
  /** Whether the next start goes by that configuration. */
  isForNextStart?: boolean;
}

/** AMT's own name for PXE. */
export const FORCE_PXE = "Intel(r) AMT: Force PXE Boot";

/** What the network hands to a machine that starts by PXE. One document of kind `network-boot`. */
export interface NetworkBoot {
  readonly imageUrl: string;
}

export function amts(rack: Rack): Collection<Amt> {
  return rack.collection<Amt>("amt");
}

/** Switches a machine on as its AMT does: by PXE where that was ordered for this start, else by what its firmware finds. */
export function switchOnByAmt(rack: Rack, host: string): void {
  const amt = amts(rack).get(host);
  if (amt?.isForNextStart && amt.bootSource === FORCE_PXE) startByNetwork(rack, host);
  amts(rack).edit(host, (body) => {
    delete body.bootSource;
    delete body.isForNextStart;
  });
  hosts(rack).edit(host, (body) => {
    body.powered = true;
  });
}

/** Whether frames without a tag come in by a cable of a host (by that NIC, if one is named): firmware and AMT know no VLANs. */
export function hearsUntagged(rack: Rack, host: string, nic?: string): boolean {
  return cables(rack)
    .list()
    .some(({ body: { ends, plugged } }) => {
      const isOwn = ends.some((end) => end.at === "nic" && end.host === host && end.nic === (nic ?? end.nic));
      const port = ends.find((end) => end.at === "port");
      const far = port === undefined ? undefined : switches(rack).get(port.switch);
      return plugged && isOwn && far?.powered === true && far.ports[port?.port ?? ""]?.nativeVlanId !== undefined;
    });
}

function startByNetwork(rack: Rack, host: string): void {
  const offered = rack.collection<NetworkBoot>("network-boot").get("pxe");
  if (offered === undefined || !hearsUntagged(rack, host)) return;
  rack.collection<MetalBoot>("metal-boot").put(host, { imageUrl: offered.imageUrl, instance: randomUUID() });
}
