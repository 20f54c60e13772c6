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

/** What goes wrong with a restart: the new system does not boot and the node starts the former one, or its kubelet does not come up. */
type RestartTrouble = "falls-back" | { readonly problem: string };

const troubles = (rack: Rack) => rack.collection<{ trouble: RestartTrouble }>("upgrade-trouble");

/** Makes a node's next restart go wrong. */
export function breakNextRestart(rack: Rack, hostname: string, trouble: RestartTrouble): void {
  troubles(rack).put(hostname, { trouble });
}

/** Takes the trouble that waits for a node. */
export function takeTrouble(rack: Rack, hostname: string): RestartTrouble | undefined {
  const found = troubles(rack).get(hostname);
  troubles(rack).delete(hostname);
  return found?.trouble;
}

/** Puts right what a restart has left of a node. */
export function mendNode(rack: Rack, machine: string): void {
  rack.collection<{ kubeletProblem?: string }>("talos").edit(machine, (installation) => {
    delete installation.kubeletProblem;
  });
}
