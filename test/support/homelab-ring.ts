// The homelab with a USB4 ring between its three Proxmox hosts, as changes to its description.
import { type Changes, readValid } from "./configs.ts";

export const homelabRing: Changes = readValid("homelab-ring").change ?? {};
