// Where the time of one `up` goes: how long each plug-in worked, as the rack's journal tells, within the time that it all took.
import { readJournal } from "../../lab/rack/journal.ts";
import { openRack } from "../../lab/rack/store.ts";
import type { Bench } from "./measurement.ts";

interface Share {
  readonly provider: string;
  readonly operation: string;
  calls: number;
  ms: number;
  longestMs: number;
  longest: string;
}

/** Runs one `up` of the homelab from nothing and renders where its time went. */
export async function profileUp({ workshop, say }: Bench): Promise<string> {
  const homelab = await workshop.homelab();
  await homelab.preview();
  homelab.rewind();
  say("one up of the homelab");
  const run = await homelab.up();
  const { entries, first, last } = homelab.inRack(() => {
    const rack = openRack("lab");
    const entries = readJournal(rack);
    rack.close();
    const times = entries.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt ?? startedAt]);
    return { entries, first: Math.min(...times), last: Math.max(...times) };
  });
  const shares = new Map<string, Share>();
  for (const { provider, operation, name, startedAt, endedAt } of entries) {
    const share = shares.get(`${provider} ${operation}`) ?? {
      provider,
      operation,
      calls: 0,
      ms: 0,
      longestMs: 0,
      longest: "",
    };
    const ms = (endedAt ?? startedAt) - startedAt;
    share.calls += 1;
    share.ms += ms;
    if (ms >= share.longestMs) Object.assign(share, { longestMs: ms, longest: name });
    shares.set(`${provider} ${operation}`, share);
  }
  const lines = [...shares.values()]
    .sort((a, b) => b.ms - a.ms)
    .map(
      (share) =>
        `${share.provider.padEnd(12)}${share.operation.padEnd(8)}${String(share.calls).padStart(6)}${String(share.ms).padStart(8)}` +
        `${String(share.longestMs).padStart(10)}  ${share.longest}`,
    );
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  return [
    `up: ${seconds(run.wallMs)}, of processors ${seconds(run.cpuMs)}, of these the program's own process ${seconds(run.program.cpuMs)}`,
    `between the first and the last call to a plug-in: ${seconds(last - first)}`,
    "",
    "plug-in     call     calls      ms   longest  (calls overlap, and wait for each other)",
    ...lines,
  ].join("\n");
}
