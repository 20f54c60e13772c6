// The system disk of a node: what of it was encrypted when it was installed, and what keeps a node from starting afterwards.

import type { MachineConfig } from "./machine-config.ts";
import type { Machine } from "./machines.ts";
import type { Installation } from "./nodes.ts";

const volumes = ["STATE", "EPHEMERAL"];

/** What a start of the machine comes to; undefined: it comes up. */
export function bootProblem(machine: Machine, installation: Installation, config: MachineConfig): string | undefined {
  const { medium } = machine;
  const { secureBoot = false, encrypted = [] } = installation;
  if (medium?.secureBoot && !secureBoot)
    return "firmware: Security Violation: the boot loader on the disk is not signed with an enrolled key";
  for (const volume of volumes) {
    const wanted = config.encryption[volume];
    if ((wanted !== undefined) !== encrypted.includes(volume))
      return `volume ${volume}: filesystem type mismatch: ${wanted === undefined ? "luks != xfs" : "xfs != luks"}`;
    if (wanted?.tpmChecksSecureBoot && !medium?.secureBoot)
      return `volume ${volume}: error sealing encryption key: failed to enroll the TPM2 key, as SecureBoot is disabled`;
  }
  return undefined;
}
