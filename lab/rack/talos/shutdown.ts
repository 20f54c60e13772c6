// Switching nodes off from within: `talosctl shutdown`. Nobody asks for a majority, on the real thing either.
import { hosts } from "../hosts.ts";
import type { Rack } from "../store.ts";
import { stopVm } from "../vms.ts";
import { isMetal } from "./install-disk.ts";
import type { TalosNode } from "./nodes.ts";

/** Ends a node and takes its power away. */
export function shutDown(rack: Rack, { machine }: TalosNode): void {
  if (!isMetal(machine)) {
    stopVm(rack, Number(machine.id.slice("vm/".length)));
    return;
  }
  hosts(rack).edit(machine.host, (host) => {
    host.powered = false;
  });
}
