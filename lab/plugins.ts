// All simulated plug-ins in one process, for an engine that finds them running (PULUMI_DEBUG_PROVIDERS). Prints the value of that
// variable, and ends when its standard input does: with whoever started it, however that ended.
import type { Provider } from "./plugin/contract.ts";
import { listen } from "./plugin/serve.ts";

const providers: Readonly<Record<string, () => Promise<Provider>>> = {
  command: async () => (await import("./providers/command/provider.ts")).commandProvider,
  kubernetes: async () => (await import("./providers/kubernetes/provider.ts")).kubernetes,
  proxmoxve: async () => (await import("./providers/proxmoxve/provider.ts")).proxmoxve,
  talos: async () => (await import("./providers/talos/provider.ts")).talos,
};

// Ctrl-C reaches everything in a terminal: the engine finishes what it has begun, and needs its plug-ins for that.
process.on("SIGINT", () => {});
process.stdin.resume().on("end", () => process.exit());
// They load while the engine starts and the program loads; whoever asks earlier waits.
let announce = (): void => {};
const announced = new Promise<void>((resolve) => {
  announce = resolve;
});
const addresses = Object.entries(providers).map(
  async ([name, load]) => `${name}:${await listen(announced.then(load))}`,
);
process.stdout.write(`${(await Promise.all(addresses)).join(",")}\n`, () => announce());
