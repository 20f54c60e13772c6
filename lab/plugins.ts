// All simulated plug-ins in one process, for an engine that finds them running (PULUMI_DEBUG_PROVIDERS). Prints the value of that
// variable, and ends when its standard input does: with whoever started it, however that ended.
import type { Provider } from "./plugin/contract.ts";
import { listen } from "./plugin/serve.ts";
import { commandProvider } from "./providers/command/provider.ts";
import { kubernetes } from "./providers/kubernetes/provider.ts";
import { proxmoxve } from "./providers/proxmoxve/provider.ts";
import { talos } from "./providers/talos/provider.ts";

const providers: readonly Provider[] = [commandProvider, kubernetes, proxmoxve, talos];

// Ctrl-C reaches everything in a terminal: the engine finishes what it has begun, and needs its plug-ins for that.
process.on("SIGINT", () => {});
process.stdin.resume().on("end", () => process.exit());
const addresses = await Promise.all(providers.map(async (provider) => `${provider.name}:${await listen(provider)}`));
process.stdout.write(`${addresses.join(",")}\n`);
