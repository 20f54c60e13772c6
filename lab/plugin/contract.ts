// What the author of a simulated provider writes: a declaration of resources and functions. Everything that is the same for all of them
// (protocol, checks against the tables, diffs, previews, secrets, transactions, latency, faults, the journal) is done around it.
import type { Rack } from "../rack/store.ts";
import type { CheckFailure } from "./check.ts";
import type { ProviderTable } from "./table.ts";
import type { Properties } from "./wire.ts";

export type { CheckFailure } from "./check.ts";

/** What a handler is given beside its arguments. */
export interface Context {
  /** The rack; the handler runs inside a transaction on it, which is rolled back when it throws. */
  readonly rack: Rack;
  /** The provider's configuration, revealed. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The resource's name in the program; empty in functions. */
  readonly name: string;
  /** Type of the resource, or the function's token. */
  readonly token: string;
  readonly urn: string;
  /** Warns in the progress display, as the real plug-in's log lines do. */
  warn(message: string): void;
}

/** Some properties of a state; one that is `undefined` is not there (any more). */
export type Some<S> = { [K in keyof S]?: S[K] | undefined };

/** What `create` gives back. Outputs are the inputs with their defaults, and these over them. */
interface Created<S> {
  readonly id: string;
  readonly outputs?: Some<S>;
}

/** What `read` found: its properties lie over the known state; one that is `undefined` is not there any more. */
interface Found<S> {
  /** Where the id differs from the one asked for, e.g. on import. */
  readonly id?: string;
  readonly outputs: Some<S>;
  /** Live values of what programs give, where everything else belongs to others and is no drift. @default - worked out from `outputs` */
  readonly inputs?: Readonly<Record<string, unknown>>;
}

type Result<T, Async> = Async extends true ? T | Promise<T> : T;

/**
 * One resource. `I`: inputs, `S`: state (inputs and outputs). Handlers get revealed values with defaults filled in. They are synchronous,
 * because they run inside one transaction; `outside: true` lifts both.
 */
export interface ResourceHandler<I extends object, S extends object = I, Async extends boolean = false> {
  /** Runs the handlers outside of a transaction, and lets them be asynchronous: for work that is not on the rack. @default - inside */
  readonly outside?: Async;
  /** The rack, where each resource names its own. Throws for a resource that names none. @default - the provider's */
  rackName?(inputs: Partial<I>): string;
  /** Rules beyond the table. Pure; a value that is not known yet is `UNKNOWN` (plugin/wire.ts). */
  check?(inputs: Partial<I>, name: string): CheckFailure[];
  /** Fills in what the official Check fills in, e.g. nested names. Values keep their marks. `olds`: the inputs of the last run. */
  prepare?(inputs: Properties, olds: Properties, name: string): Properties;
  /** Optional property that gets a name made up from the resource's own when it is not given (the bridge's autonaming). */
  readonly autoname?: string;
  /** Paths whose change replaces the resource, beside those of the table: `disks[*].fileId`. May depend on the new inputs. */
  readonly replaces?: readonly string[] | ((inputs: Partial<I>) => readonly string[]);
  /** Delete the old one before creating its replacement. @default - where the name (`autoname`) was given and stays */
  readonly deleteBeforeReplace?: boolean;
  /** Outputs that an update may change, so that its preview does not know them. */
  readonly volatile?: readonly (keyof S & string)[];
  /** Outputs that time has made obsolete, e.g. a certificate about to expire: an update although no input changed. */
  outdated?(rack: Rack, state: S): readonly string[];
  /** Paths that are no difference although they differ, e.g. write-only inputs. */
  readonly ignores?: readonly string[];
  /** The simulated duration of each operation in milliseconds, before the rack's scale. */
  readonly latencyMs?: Partial<Record<"create" | "read" | "update" | "delete", number>>;
  create(context: Context, inputs: I): Result<Created<S>, Async>;
  /** What there is on the rack; undefined when it is gone. On an import, `state` is empty and `id` is what the user typed. */
  read(context: Context, id: string, state: Partial<S>): Result<Found<S> | undefined, Async>;
  /** @default - every change replaces */
  update?(context: Context, id: string, inputs: I, state: S): Result<Some<S>, Async>;
  /** Throws when it cannot be deleted; deleting what is gone already is no error. */
  delete(context: Context, id: string, state: S): Result<void, Async>;
}

/** One function (invoke). */
interface FunctionHandler<A extends object, R extends object, Async extends boolean = false> {
  readonly outside?: Async;
  /** Reading the rack needs no transaction of its own; set when the function changes something. */
  rackName?(args: Partial<A>): string;
  readonly latencyMs?: number;
  call(context: Context, args: A): Result<R, Async>;
}

/** A handler whose types have been forgotten, as the kernel holds it. */
export type AnyResource = ResourceHandler<Record<string, unknown>, Record<string, unknown>, boolean>;
export type AnyFunction = FunctionHandler<Record<string, unknown>, Record<string, unknown>, boolean>;

/** Declares a resource with typed inputs and state. */
export function resource<I extends object, S extends object = I, Async extends boolean = false>(
  handler: ResourceHandler<I, S, Async>,
): AnyResource {
  return handler as unknown as AnyResource;
}

/** Declares a function with typed arguments and result. */
export function fn<A extends object, R extends object, Async extends boolean = false>(
  handler: FunctionHandler<A, R, Async>,
): AnyFunction {
  return handler as unknown as AnyFunction;
}

/** A whole provider. */
export interface Provider {
  readonly name: string;
  readonly version: string;
  /** Properties of its resources; left out, all are taken as they come. */
  readonly table?: ProviderTable;
  /** Paths whose change replaces a resource, by token, where the table does not know: `{ "…:VmLegacy": ["disks[*].fileId"] }`. */
  readonly replacements?: Readonly<Record<string, readonly string[]>>;
  /** The rack that the configuration names; throws when it names none. Absent: each resource names its own. */
  rackName?(config: Readonly<Record<string, unknown>>): string;
  /** Checks the configuration further; throws to refuse it. */
  configure?(config: Readonly<Record<string, unknown>>, rack: Rack): void;
  readonly resources: Readonly<Record<string, AnyResource>>;
  /** Handler for tokens that are not in `resources`, e.g. every kind of Kubernetes object. */
  resourceFor?(token: string): AnyResource | undefined;
  readonly functions?: Readonly<Record<string, AnyFunction>>;
  /** What the official plug-in tries again by itself before anybody hears of it. */
  readonly retries?: readonly Retry[];
  /** When the official plug-in gives up on a call without an answer, and what it says then. @default - never */
  readonly givesUp?: GivesUp;
}

/** An end to waiting for an answer. */
export interface GivesUp {
  readonly afterSec: number;
  readonly error: string;
}

/** A failure that the official plug-in does not report at once. */
export interface Retry {
  /** Matched against `<operation> <token>`. */
  readonly call: RegExp;
  readonly error: RegExp;
  /** All tries, the first included. */
  readonly tries: number;
}

/** Says that the resource exists but is not as it should be: it is kept in the state, the run fails, and the next one updates it. */
export class InitializationFailed extends Error {
  readonly id: string;
  readonly outputs: Record<string, unknown>;
  readonly reasons: readonly string[];
  constructor(id: string, outputs: Record<string, unknown>, reasons: readonly string[]) {
    super(reasons.join("; "));
    this.id = id;
    this.outputs = outputs;
    this.reasons = reasons;
  }
}

/**
 * Says that something is missing that may still come, e.g. a node that is booting. Nothing is kept, and the handler runs again until
 * `timeoutSec` of simulated time (never longer than the rack's patience) has passed; then the message is the error.
 */
export class NotYet extends Error {
  readonly timeoutSec: number;
  constructor(message: string, timeoutSec: number) {
    super(message);
    this.timeoutSec = timeoutSec;
  }
}
