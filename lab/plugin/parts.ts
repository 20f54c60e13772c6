// Which table and handler a token has, which rack a call is for, and the plain values that handlers get.
import { openRack, type Rack } from "../rack/store.ts";
import type { AnyFunction, AnyResource, Provider } from "./contract.ts";
import { withDefaults } from "./diff.ts";
import type { ObjectTable, ResourceTable } from "./table.ts";
import { hasUnknown, isProperties, type Properties, revealAll, type Value } from "./wire.ts";

/** What the kernel knows of one type of resource. */
export interface Part {
  readonly token: string;
  readonly handler: AnyResource;
  readonly table: ResourceTable | undefined;
}

/** Racks that this process has open, by name. */
export class Racks {
  private readonly open = new Map<string, Rack>();

  get(name: string): Rack {
    let rack = this.open.get(name);
    if (!rack) {
      rack = openRack(name);
      this.open.set(name, rack);
    }
    return rack;
  }
}

/** Table and handler of a resource type. Throws where there is no simulation of it. */
export function partOf(provider: Provider, token: string): Part {
  const handler = provider.resources[token] ?? provider.resourceFor?.(token);
  if (handler) return { token, handler, table: provider.table?.resources[token] };
  const why = provider.table?.resources[token] ? "has no simulation" : "is not a resource of this provider";
  throw new Error(`${token} ${why}; known: ${Object.keys(provider.resources).sort().join(", ")}`);
}

/** Handler of a function. Throws where there is no simulation of it. */
export function functionOf(provider: Provider, token: string): AnyFunction {
  const handler = provider.functions?.[token];
  if (!handler)
    throw new Error(
      `function ${token} has no simulation; known: ${Object.keys(provider.functions ?? {})
        .sort()
        .join(", ")}`,
    );
  return handler;
}

/** Values for a handler: revealed, defaults filled in. */
export function plain(
  provider: Provider,
  table: ObjectTable | undefined,
  properties: Properties,
): Record<string, unknown> {
  const revealed = revealAll(properties);
  return provider.table && table ? withDefaults(provider.table, table, revealed) : revealed;
}

function fromPlainValue(value: unknown): Value | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map((item) => fromPlainValue(item) ?? null);
  return isProperties(value as Value) ? fromPlain(value as Record<string, unknown>) : (value as Value);
}

/** Properties from what a handler gave back; absent ones are left out. */
export function fromPlain(record: Readonly<Record<string, unknown>>): Properties {
  const properties: Properties = {};
  for (const [key, item] of Object.entries(record)) {
    const value = fromPlainValue(item);
    if (value !== undefined) properties[key] = value;
  }
  return properties;
}

/** Provider configuration arrives as texts; whatever the table does not call a string is JSON. */
export function parseConfig(provider: Provider, config: Properties): Properties {
  const parsed: Properties = {};
  for (const [key, value] of Object.entries(config)) {
    // The engine's own, not the provider's.
    if (key === "version" || key === "pluginDownloadURL" || key.startsWith("__")) continue;
    const type = provider.table?.config[key]?.type;
    parsed[key] = type === undefined || type === "string" || hasUnknown(value) ? value : parseText(value);
  }
  return parsed;
}

function parseText(value: Value): Value {
  const text = isProperties(value) ? undefined : revealAll({ value })["value"];
  if (typeof text !== "string") return value;
  try {
    return JSON.parse(text) as Value;
  } catch {
    // Not JSON: Check says what is wrong with it.
    return value;
  }
}
