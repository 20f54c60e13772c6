// Options of the operating system under the cluster; everything here is off unless asked for.
import { z } from "zod";

const volumeKey = z
  .enum(["nodeID", "tpm", "static"])
  .describe(
    "where the key comes from: nodeID, derived from the machine; tpm, sealed in its TPM, needs secureBoot; static, the secret homelab:diskPassphrase",
  );

/** `talos` of a description. */
export const talosOptions = z.strictObject({
  secureBoot: z
    .boolean()
    .default(false)
    .describe("firmware starts signed images only; only on the metal, where keys are enrolled at the first boot"),
  ingressFirewall: z
    .strictObject({
      operators: z
        .array(z.string())
        .min(1)
        .describe(
          "zones (see firewall.zones) that reach the Talos and Kubernetes APIs: yours, and that of your pipeline",
        ),
    })
    .optional()
    .describe("nodes answer only what the cluster needs, and only to those who need it"),
  diskEncryption: z
    .strictObject({
      state: volumeKey.optional().describe("key of STATE, which holds the node's configuration and certificates"),
      ephemeral: volumeKey
        .optional()
        .describe("key of EPHEMERAL, which holds images, logs, emptyDir volumes and etcd's data"),
      openNodes: z
        .array(z.string())
        .default([])
        .describe("nodes that were installed without it and still are; see docs/guides/secure-boot.md"),
    })
    .default({ openNodes: [] })
    .describe("what of the system disk is encrypted (LUKS2); decided when a node is installed"),
});
