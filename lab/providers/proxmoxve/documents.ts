// Objects of the cluster-wide configuration in /etc/pve, which the API keeps as it is given them: one shape of handler for all of them.
import { type CheckFailure, type Context, InitializationFailed, resource, type Some } from "../../plugin/contract.ts";
import type { Rack } from "../../rack/store.ts";
import { apiError, clusterApi } from "./api.ts";

/** What is special about one kind of object. */
interface DocumentKind<I extends object> {
  /** Kind of the rack's documents. */
  readonly kind: string;
  /** Key in the rack, from the inputs. */
  readonly key: (inputs: I) => string;
  /** Resource id. @default - the key */
  readonly id?: (inputs: I) => string;
  /** Key from a resource id and what is known of the resource (nothing, on an import). */
  readonly keyOf?: (id: string, state: Partial<I>) => string;
  /** How the API names the object that exists already. @default - created over what is there */
  readonly exists?: (inputs: I) => string;
  readonly check?: (inputs: Partial<I>) => CheckFailure[];
  /** Throws what the API refuses. */
  readonly require?: (context: Context, inputs: I) => void;
  /** Throws when something still uses the object. */
  readonly requireUnused?: (rack: Rack, key: string) => void;
  /** Whether the official plug-in only forgets it when it is deleted, and everything stays as it is. @default - no */
  readonly outlivesDeletion?: boolean;
  /** Looks at the rack as it is after a change; what it throws is the answer, and the change stays. */
  readonly afterwards?: (context: Context) => void;
  /** Outputs that the API adds. */
  readonly outputs?: (rack: Rack, inputs: I) => Record<string, unknown>;
  readonly autoname?: string;
}

/** Collection of one kind of object. */
export function documents<I extends object>(rack: Rack, kind: string) {
  return rack.collection<I>(kind);
}

/** A resource that is one object of the cluster's configuration. */
export function documentResource<I extends object>(kind: DocumentKind<I>) {
  const all = (rack: Rack) => documents<I>(rack, kind.kind);
  const show = (rack: Rack, inputs: I) => ({ ...inputs, ...kind.outputs?.(rack, inputs) }) as Some<I>;
  const settle = (context: Context, id: string, inputs: I): void => {
    try {
      kind.afterwards?.(context);
    } catch (error) {
      throw new InitializationFailed(id, { ...show(context.rack, inputs) }, [
        error instanceof Error ? error.message : String(error),
      ]);
    }
  };
  return resource<I>({
    latencyMs: { create: 300, update: 300, read: 50, delete: 300 },
    ...(kind.autoname !== undefined && { autoname: kind.autoname }),
    check: (inputs) => kind.check?.(inputs) ?? [],
    create(context, inputs) {
      clusterApi(context, "write");
      const key = kind.key(inputs);
      if (kind.exists && all(context.rack).get(key)) throw apiError(500, kind.exists(inputs));
      kind.require?.(context, inputs);
      all(context.rack).put(key, inputs);
      const id = kind.id?.(inputs) ?? key;
      settle(context, id, inputs);
      return { id, outputs: show(context.rack, inputs) };
    },
    read(context, id, state) {
      clusterApi(context, "read");
      const body = all(context.rack).get(kind.keyOf?.(id, state) ?? id);
      if (!body) return undefined;
      // What the object no longer has must not be taken from the state.
      const gone = Object.fromEntries(Object.keys(state).map((key) => [key, undefined]));
      return { id: kind.id?.(body) ?? id, outputs: { ...gone, ...show(context.rack, body) } };
    },
    update(context, id, inputs, state) {
      clusterApi(context, "write");
      kind.require?.(context, inputs);
      const before = kind.keyOf?.(id, state) ?? id;
      const key = kind.key(inputs);
      if (before !== key) all(context.rack).delete(before);
      all(context.rack).put(key, inputs);
      settle(context, id, inputs);
      return show(context.rack, inputs);
    },
    delete(context, id, state) {
      if (kind.outlivesDeletion) return;
      clusterApi(context, "write");
      const key = kind.keyOf?.(id, state) ?? id;
      kind.requireUnused?.(context.rack, key);
      all(context.rack).delete(key);
    },
  });
}
