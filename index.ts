// Load, plan, build. Everything is decided in plan/, declared in components/, wired in stacks/.
import { loadProgram } from "./config/program.ts";
import { buildHomelab } from "./stacks/homelab.ts";
import { buildMetal } from "./stacks/ms01.ts";

const { plan, connections } = await loadProgram();
const build = plan.platform === "proxmox" ? buildHomelab : buildMetal;

export const { kubeconfig, talosconfig, endpoints, addresses, services } = build(plan, connections);
