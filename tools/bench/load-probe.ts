// Loads what index.ts loads, in its order, and prints what the SDK took and what the rest took, in milliseconds.
import { performance } from "node:perf_hooks";

interface Lap {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function timed(load: () => Promise<unknown>): Promise<Lap> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await load();
  const { user, system } = process.cpuUsage(before);
  return { wallMs: performance.now() - start, cpuMs: (user + system) / 1000 };
}

const sdk = await timed(() => import("@pulumi/pulumi"));
const ours = await timed(async () => {
  await import("../../config/program.ts");
  await import("../../stacks/homelab.ts");
  await import("../../stacks/ms01.ts");
});
console.log(JSON.stringify({ sdk, ours }));
