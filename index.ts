// Load, plan, build. Everything is decided in plan/, declared in components/, wired in stacks/.
import { loadProgram } from "./config/program.ts";
import { buildHomelab } from "./stacks/homelab.ts";

const { plan, connections } = await loadProgram();

export const { kubeconfig, talosconfig, endpoints, addresses, services } = buildHomelab(plan, connections);
