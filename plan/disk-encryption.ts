// Secure boot and the keys of the system disk: which go together, and what each protects from.
import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";
import type { EncryptionPlan } from "./plan.ts";

const volumes = ["state", "ephemeral"] as const;

/** Checks `talos.secureBoot` and `talos.diskEncryption`. */
export function readDiskEncryption(draft: Draft): void {
  const { platform, talos } = draft.env;
  const { secureBoot, diskEncryption } = talos;
  if (secureBoot && platform === "proxmox") {
    draft.error(
      "secure-boot-in-machines",
      "talos.secureBoot",
      "the machines start from an imported disk image, and only Talos's ISO enrols its keys; remove it, or use platform: metal",
    );
  }
  for (const volume of volumes) {
    if (diskEncryption[volume] !== "tpm" || secureBoot) continue;
    draft.error(
      "tpm-without-secure-boot",
      `talos.diskEncryption.${volume}`,
      "without secure boot the TPM gives the key to whatever is started on the machine, and Talos does not put it there; set talos.secureBoot: true, or use nodeID",
    );
  }
  diskEncryption.openNodes.forEach((node, i) => {
    draft.known("node", node, draft.env.nodes, `talos.diskEncryption.openNodes[${i}]`);
  });
  if (diskEncryption.state === "static") {
    draft.warn(
      "encryption-key-readable",
      "talos.diskEncryption.state",
      "a static key of STATE lies in the clear on the META partition beside it; use nodeID, or tpm with secure boot",
    );
  } else if (diskEncryption.ephemeral === "static" && diskEncryption.state === undefined) {
    draft.warn(
      "encryption-key-readable",
      "talos.diskEncryption.ephemeral",
      "a static key is part of the node's configuration, which lies in the clear on STATE; encrypt STATE, too",
    );
  }
}

/** The keys of a node as the Plan shows them. */
export function planEncryption(env: Environment, node: string): EncryptionPlan {
  const { state, ephemeral, openNodes } = env.talos.diskEncryption;
  if (openNodes.includes(node)) return {};
  return {
    ...(state === undefined ? {} : { STATE: state }),
    ...(ephemeral === undefined ? {} : { EPHEMERAL: ephemeral }),
  };
}
