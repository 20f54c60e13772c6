// Resources that were being created when Pulumi was killed. The state holds them as pending: Pulumi would create them a
// second time. Whether the first try came through only the other side knows, so it is asked.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A resource whose creation has begun and not been seen to end. */
export interface PendingCreate {
  readonly urn: string;
  /** Type token, e.g. `proxmoxve:VM/virtualMachine:VirtualMachine`. */
  readonly type: string;
  /** Name in the program. */
  readonly name: string;
}

/** Says the id of a resource that did come into being, undefined for one that did not. */
export type FindCreated = (pending: PendingCreate) => string | undefined;

/** The pending creates in a stack's state file. */
export function pendingCreates(state: string, project: string, stack: string): PendingCreate[] {
  const file = join(state, ".pulumi", "stacks", project, `${stack}.json`);
  if (!existsSync(file)) return [];
  const operations: { type: string; resource: { urn: string; type: string } }[] =
    JSON.parse(readFileSync(file, "utf8")).checkpoint?.latest?.pending_operations ?? [];
  return operations
    .filter((operation) => operation.type === "creating")
    .map(({ resource }) => ({
      urn: resource.urn,
      type: resource.type,
      // The name is everything after the fourth `::`, and may hold some itself.
      name: resource.urn.split("::").slice(3).join("::"),
    }));
}

/**
 * Arguments of the `pulumi refresh` that settles them: what is there is taken in, the rest is forgotten. The whole stack
 * is looked at again: Pulumi does not find a pending resource as a `--target`, and after a crash a look is due.
 */
export function settleArguments(pending: readonly PendingCreate[], find: FindCreated): string[] {
  const imports = pending.flatMap((create) => {
    const id = find(create);
    return id === undefined ? [] : [create.urn, id];
  });
  return [
    ...["refresh", "--yes", "--skip-preview", "--clear-pending-creates"],
    ...imports.flatMap((text) => ["--import-pending-creates", text]),
  ];
}
