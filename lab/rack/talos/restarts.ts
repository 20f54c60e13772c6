// When nodes were down on purpose, and what a person makes go wrong with the next restart: what tests of rolling changes count.
import type { Rack } from "../store.ts";
import type { TalosNode } from "./nodes.ts";

/** One restart. Times are simulated milliseconds. */
export interface Restart {
  readonly node: string;
  readonly role: "controlplane" | "worker";
  readonly reason: string;
  readonly from: number;
  readonly until: number;
}

const pad = (position: number) => String(position).padStart(6, "0");

/** Notes a restart. */
export function noteRestart(rack: Rack, node: TalosNode, reason: string, from: number, until: number): void {
  const notes = rack.collection<Restart>("restart");
  const { hostname, config } = node;
  notes.put(pad(notes.list().length), { node: hostname, role: config?.type ?? "worker", reason, from, until });
}

/** All restarts, oldest first. */
export function listRestarts(rack: Rack): Restart[] {
  return rack
    .collection<Restart>("restart")
    .list()
    .map(({ body }) => body);
}

interface Trouble {
  readonly problem: string;
}

const troubles = (rack: Rack) => rack.collection<Trouble>("upgrade-trouble");

/** The kubelet of a node will not come up after its next upgrade. */
export function breakNextUpgrade(rack: Rack, hostname: string, problem = "container runtime is down"): void {
  troubles(rack).put(hostname, { problem });
}

/** Takes the trouble that waits for a node. */
export function takeTrouble(rack: Rack, hostname: string): string | undefined {
  const trouble = troubles(rack).get(hostname);
  troubles(rack).delete(hostname);
  return trouble?.problem;
}
