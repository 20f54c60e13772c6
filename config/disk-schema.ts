// What a disk is known by besides its path, and how Talos may be told which one to install itself on (`machine.install.diskSelector`).
import { z } from "zod";

const diskType = z.enum(["nvme", "ssd", "hdd", "sd"]);

/** A pattern of Talos: `*` stands for anything. */
const pattern = z.string().min(1);

/** Properties of a disk as `talosctl get disks` shows them. */
export const diskProperties = {
  model: z.string().min(1).optional().describe("model, as `talosctl get disks` shows it"),
  serial: z.string().min(1).optional().describe("serial number"),
  type: diskType.optional().describe("nvme, ssd (SATA, USB), hdd (rotating), sd (SD card, eMMC)"),
  busPath: z.string().min(1).optional().describe("where it sits, e.g. /pci0000:00/0000:00:06.0/…"),
  wwid: z.string().min(1).optional().describe("worldwide id"),
  uuid: z.string().min(1).optional().describe("UUID of an NVMe namespace"),
  modalias: z.string().min(1).optional().describe("modalias of the kernel"),
};

/** What the disk to install on must be like; everything given must fit. */
export const diskMatch = z.strictObject({
  size: z
    .string()
    .regex(
      /^(<=|>=|<|>) ?\d+(\.\d+)? ?[MGT]i?B$/,
      "must compare with a size, e.g. <= 600GB; an exact one would hardly ever fit",
    )
    .optional()
    .describe("comparison with a size, e.g. <= 600GB or >= 1TiB"),
  type: diskType.optional().describe("kind of disk; ssd means every disk that does not rotate"),
  model: pattern.optional().describe("model; * stands for anything"),
  serial: pattern.optional().describe("serial number; * stands for anything"),
  busPath: pattern.optional().describe("where it sits; * stands for anything"),
  wwid: pattern.optional().describe("worldwide id; * stands for anything"),
  uuid: pattern.optional().describe("UUID; * stands for anything"),
  modalias: pattern.optional().describe("modalias; * stands for anything"),
});
