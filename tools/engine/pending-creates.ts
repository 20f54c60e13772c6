// What Pulumi was doing when it was killed. The state holds it as pending: a resource that was being created would be
// created a second time. Whether the first try came through only the other side knows, so it is asked, and the state is
// corrected: `pulumi refresh --import-pending-creates` says it does this, but leaves the resource out (3.250).

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

/** A resource as the state has it; what is not named here goes through untouched. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: unknown;
  readonly outputs?: unknown;
}

/** What `pulumi stack export` prints, as far as it matters here. */
export interface ExportedStack {
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    readonly pending_operations?: readonly { readonly type: string; readonly resource: StateResource }[];
  };
}

/** A state without pending operations. */
export interface Settled {
  readonly stack: ExportedStack;
  /** Resources whose state is no more than what was asked for: they have to be read. */
  readonly toRead: readonly string[];
}

/**
 * Whether a creation is made again whatever became of the first try: these plug-ins read nothing back, so what the first try answered
 * (a script's stdout, a kubeconfig) is lost, and their creations may be repeated. Only a cluster is not started twice.
 */
const isRepeated = (type: string): boolean =>
  /^(command|talos):/.test(type) && type !== "talos:machine/bootstrap:Bootstrap";

/** Takes in what did come into being, and forgets the rest; undefined where nothing is pending. */
export function settle(stack: ExportedStack, find: FindCreated): Settled | undefined {
  const { resources = [], pending_operations: pending = [], ...others } = stack.deployment;
  if (pending.length === 0) return undefined;
  const known = new Set(resources.map(({ urn }) => urn));
  const created = pending
    // A replacement under way has its predecessor in the state: that one stays what it is.
    .filter(({ type, resource }) => type === "creating" && !known.has(resource.urn) && !isRepeated(resource.type))
    .flatMap(({ resource }): StateResource[] => {
      const id = find({ urn: resource.urn, type: resource.type, name: nameOf(resource.urn) });
      return id === undefined ? [] : [{ ...resource, id, outputs: resource.inputs }];
    });
  // What was being changed or deleted may be either by now.
  const changed = pending.filter(({ resource }) => known.has(resource.urn)).map(({ resource }) => resource.urn);
  return {
    stack: { ...stack, deployment: { ...others, resources: [...resources, ...created] } },
    toRead: [...new Set([...created.map(({ urn }) => urn), ...changed])],
  };
}

/** The name in the program: everything after the third `::`, and it may hold some itself. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
