// The simulated proxmoxve plug-in's process.
import { serve } from "../plugin/serve.ts";
import { proxmoxve } from "./proxmoxve/provider.ts";

await serve(proxmoxve);
