// The provider protocol's operations over a declared provider, without the wire: properties in, properties out.
import { randomBytes } from "node:crypto";
import type { Call, Operation } from "../rack/journal.ts";
import type { Rack } from "../rack/store.ts";
import { type CheckFailure, checkObject } from "./check.ts";
import { type Context, InitializationFailed, type Provider } from "./contract.ts";
import { type Change, diffInputs } from "./diff.ts";
import { operate } from "./operate.ts";
import { inputsFromLive, markSecrets, previewOutputs } from "./outputs.ts";
import { fromPlain, functionOf, type Part, parseConfig, partOf, plain, Racks } from "./parts.ts";
import { hasUnknown, type Properties, revealAll, UNKNOWN } from "./wire.ts";

/** The resource a call is about. */
export interface Subject {
  readonly token: string;
  readonly urn: string;
  readonly name: string;
}

/** What a read found. */
interface ReadResult {
  /** Empty: it is gone. */
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

type Log = (urn: string, message: string) => void;

/** Two things cannot have one name: with a name that the program gave, the bridge deletes the old one first. */
function keepsName({ handler }: Part, subject: Subject, olds: Properties, news: Properties): boolean {
  const name = handler.autoname === undefined ? undefined : news[handler.autoname];
  if (typeof name !== "string" || name !== olds[handler.autoname ?? ""]) return false;
  return !(name.startsWith(`${subject.name}-`) && /^[0-9a-f]{7}$/.test(name.slice(subject.name.length + 1)));
}

/** One plug-in: answers what the engine asks, by the table and the handlers of its provider, on the rack that the call names. */
export class Kernel {
  readonly provider: Provider;
  private readonly racks = new Racks();
  private readonly cancelling = new AbortController();
  private readonly log: Log;
  private config: Properties = {};

  constructor(provider: Provider, log: Log = () => {}) {
    this.provider = provider;
    this.log = log;
  }

  /** Ends every wait. */
  cancel(): void {
    this.cancelling.abort();
  }

  checkConfig(config: Properties): CheckFailure[] {
    const parsed = parseConfig(this.provider, config);
    const table = this.provider.table;
    const failures = table ? checkObject(table, table.config, parsed) : [];
    // A value that is not known yet may still name a rack: `configure` will see it.
    if (failures.length > 0 || !this.provider.rackName || hasUnknown(parsed)) return failures;
    try {
      this.provider.rackName(revealAll(parsed));
      return [];
    } catch (error) {
      return [{ property: "", reason: (error as Error).message }];
    }
  }

  configure(config: Properties): void {
    this.config = parseConfig(this.provider, config);
    const revealed = revealAll(this.config);
    if (this.provider.rackName) {
      const rack = this.racks.get(this.provider.rackName(revealed));
      this.provider.configure?.(revealed, rack);
    }
  }

  /** The rack a call works on. */
  private rackFor(rackName: ((inputs: Record<string, unknown>) => string) | undefined, inputs: Properties): Rack {
    if (rackName) return this.racks.get(rackName(revealAll(inputs)));
    if (this.provider.rackName) return this.racks.get(this.provider.rackName(revealAll(this.config)));
    throw new Error(`${this.provider.name}: neither the provider nor the resource names a rack`);
  }

  private callOf(subject: Subject, operation: Operation, preview: boolean, id?: string): Call {
    return { provider: this.provider.name, operation, preview, token: subject.token, name: subject.name, id };
  }

  private context(rack: Rack, subject: Subject): Context {
    const warn = (message: string) => this.log(subject.urn, message);
    return { rack, config: revealAll(this.config), name: subject.name, token: subject.token, urn: subject.urn, warn };
  }

  private finish(part: Part, outputs: Properties, inputs: Properties): Properties {
    const table = part.table ? { ...part.table.inputs, ...part.table.outputs } : {};
    return markSecrets(this.provider.table, table, outputs, inputs);
  }

  async check(
    subject: Subject,
    news: Properties,
    olds: Properties,
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
    const part = partOf(this.provider, subject.token);
    const inputs = { ...(part.handler.prepare?.(news, olds, subject.name) ?? news) };
    const { autoname, check, rackName } = part.handler;
    if (autoname !== undefined && inputs[autoname] === undefined) {
      inputs[autoname] = olds[autoname] ?? `${subject.name}-${randomBytes(4).toString("hex").slice(0, 7)}`;
    }
    const table = this.provider.table;
    const failures = table && part.table ? checkObject(table, part.table.inputs, inputs) : [];
    if (failures.length === 0)
      failures.push(...(check?.(plain(this.provider, part.table?.inputs, inputs), subject.name) ?? []));
    if (failures.length > 0 || (rackName && hasUnknown(inputs))) return { inputs, failures };
    const rack = this.rackFor(rackName, inputs);
    return operate(rack, {
      call: this.callOf(subject, "check", true),
      latencyMs: 0,
      outside: true,
      cancelled: this.cancelling.signal,
      retries: this.provider.retries,
      givesUp: this.provider.givesUp,
      run: () => ({ inputs, failures }),
    });
  }

  diff(
    subject: Subject,
    oldInputs: Properties,
    news: Properties,
    state: Properties = {},
  ): { changes: Change[]; deleteBeforeReplace: boolean } {
    const part = partOf(this.provider, subject.token);
    const { handler } = part;
    const ignores = handler.ignores ?? [];
    const { replaces = [] } = handler;
    const own = typeof replaces === "function" ? replaces(plain(this.provider, part.table?.inputs, news)) : replaces;
    const rules = [...own, ...(this.provider.replacements?.[subject.token] ?? [])];
    const changes = diffInputs(this.provider.table, part.table, rules, oldInputs, news)
      .filter(({ path }) => !ignores.includes(path))
      .map((change) => (handler.update ? change : { ...change, replaces: true }));
    if (handler.outdated && Object.keys(state).length > 0) {
      const paths = handler.outdated(this.rackFor(handler.rackName, news), revealAll(state));
      changes.push(...paths.map((path): Change => ({ path, kind: "update", replaces: false })));
    }
    return { changes, deleteBeforeReplace: handler.deleteBeforeReplace ?? keepsName(part, subject, oldInputs, news) };
  }

  async create(subject: Subject, inputs: Properties, preview: boolean): Promise<{ id: string; outputs: Properties }> {
    const part = partOf(this.provider, subject.token);
    const { handler, table } = part;
    if (preview)
      return { id: "", outputs: this.finish(part, previewOutputs(this.provider.table, table, inputs, {}), inputs) };
    const rack = this.rackFor(handler.rackName, inputs);
    const given = plain(this.provider, table?.inputs, inputs);
    const full = (outputs: Record<string, unknown>) => this.finish(part, fromPlain({ ...given, ...outputs }), inputs);
    return operate(rack, {
      call: this.callOf(subject, "create", false),
      latencyMs: handler.latencyMs?.create ?? 0,
      outside: handler.outside ?? false,
      cancelled: this.cancelling.signal,
      retries: this.provider.retries,
      givesUp: this.provider.givesUp,
      run: () => handler.create(this.context(rack, subject), given),
      idOf: (created) => created.id,
      asPartial: (created, reason) => new InitializationFailed(created.id, created.outputs ?? {}, [reason]),
    }).then(
      (created) => ({ id: created.id, outputs: full(created.outputs ?? {}) }),
      (error: unknown) => {
        throw error instanceof InitializationFailed
          ? new InitializationFailed(error.id, full(error.outputs), error.reasons)
          : error;
      },
    );
  }

  async read(subject: Subject, id: string, state: Properties, oldInputs: Properties): Promise<ReadResult> {
    const part = partOf(this.provider, subject.token);
    const { handler, table } = part;
    const rack = this.rackFor(handler.rackName, { ...oldInputs, ...state });
    const known = revealAll(state);
    const found = await operate(rack, {
      call: this.callOf(subject, "read", false, id),
      latencyMs: handler.latencyMs?.read ?? 0,
      outside: handler.outside ?? false,
      cancelled: this.cancelling.signal,
      retries: this.provider.retries,
      givesUp: this.provider.givesUp,
      run: () => handler.read(this.context(rack, subject), id, known),
    });
    if (!found) return { id: "", inputs: {}, outputs: {} };
    const live = fromPlain({ ...plain(this.provider, table?.inputs, known), ...found.outputs });
    const own = found.inputs && fromPlain(found.inputs);
    const inputs = inputsFromLive(
      this.provider.table,
      table,
      own ?? live,
      oldInputs,
      own && Object.keys(oldInputs).length > 0 ? own : state,
    );
    return { id: found.id ?? id, inputs, outputs: this.finish(part, live, { ...state, ...inputs }) };
  }

  async update(
    subject: Subject,
    id: string,
    state: Properties,
    inputs: Properties,
    preview: boolean,
  ): Promise<Properties> {
    const part = partOf(this.provider, subject.token);
    const { handler, table } = part;
    const known = Object.fromEntries(
      Object.entries(state).filter(
        ([key]) => !(table && key in table.inputs) || inputs[key] !== undefined || table.inputs[key]?.computed,
      ),
    );
    if (preview) {
      const volatile = Object.fromEntries((handler.volatile ?? []).map((key) => [key, UNKNOWN]));
      return this.finish(part, previewOutputs(this.provider.table, table, inputs, { ...known, ...volatile }), inputs);
    }
    const { update } = handler;
    if (!update) throw new Error(`${subject.token} cannot be updated`);
    const rack = this.rackFor(handler.rackName, inputs);
    const given = plain(this.provider, table?.inputs, inputs);
    const full = (outputs: Record<string, unknown>) =>
      this.finish(part, fromPlain({ ...revealAll(known), ...given, ...outputs }), inputs);
    return operate(rack, {
      call: this.callOf(subject, "update", false, id),
      latencyMs: handler.latencyMs?.update ?? 0,
      outside: handler.outside ?? false,
      cancelled: this.cancelling.signal,
      retries: this.provider.retries,
      givesUp: this.provider.givesUp,
      run: () => update.call(handler, this.context(rack, subject), id, given, revealAll(state)),
      asPartial: (outputs, reason) => new InitializationFailed(id, outputs, [reason]),
    }).then(full, (error: unknown) => {
      throw error instanceof InitializationFailed
        ? new InitializationFailed(error.id, full(error.outputs), error.reasons)
        : error;
    });
  }

  async delete(subject: Subject, id: string, state: Properties, oldInputs: Properties): Promise<void> {
    const { handler } = partOf(this.provider, subject.token);
    const rack = this.rackFor(handler.rackName, { ...oldInputs, ...state });
    await operate(rack, {
      call: this.callOf(subject, "delete", false, id),
      latencyMs: handler.latencyMs?.delete ?? 0,
      outside: handler.outside ?? false,
      cancelled: this.cancelling.signal,
      retries: this.provider.retries,
      givesUp: this.provider.givesUp,
      run: () => handler.delete(this.context(rack, subject), id, revealAll(state)),
    });
  }

  async invoke(
    token: string,
    args: Properties,
    preview: boolean,
  ): Promise<{ result: Properties; failures: CheckFailure[] }> {
    const handler = functionOf(this.provider, token);
    const table = this.provider.table?.functions[token];
    const failures = this.provider.table && table ? checkObject(this.provider.table, table.inputs, args) : [];
    if (failures.length > 0) return { result: {}, failures };
    const rack = this.rackFor(handler.rackName, args);
    const given = plain(this.provider, table?.inputs, args);
    const subject = { token, urn: "", name: "" };
    const result = await operate(rack, {
      call: this.callOf(subject, "invoke", preview),
      latencyMs: handler.latencyMs ?? 0,
      outside: handler.outside ?? false,
      cancelled: this.cancelling.signal,
      retries: this.provider.retries,
      givesUp: this.provider.givesUp,
      run: () => handler.call(this.context(rack, subject), given),
    });
    const outputs = table ? { ...table.inputs, ...table.outputs } : {};
    return {
      result: markSecrets(this.provider.table, outputs, fromPlain({ ...given, ...result }), args),
      failures: [],
    };
  }
}
