// The outputs of a resource: what a preview can already say, which of them are secret, and what inputs a resource found on the rack has.
import { withDefaults } from "./diff.ts";
import type { ObjectTable, ProviderTable, ResourceTable } from "./table.ts";
import { shapeOf } from "./table.ts";
import { hasSecret, isProperties, type Properties, reveal, Secret, same, UNKNOWN, type Value } from "./wire.ts";

/** Outputs in a preview: inputs, defaults, what is known from before, and unknown for what the rack decides. */
export function previewOutputs(
  provider: ProviderTable | undefined,
  table: ResourceTable | undefined,
  inputs: Properties,
  known: Properties,
): Properties {
  if (!provider || !table) return { ...known, ...inputs };
  const outputs: Properties = { ...withDefaults(provider, table.inputs, inputs) };
  for (const [key, property] of Object.entries({ ...table.inputs, ...table.outputs })) {
    if (outputs[key] !== undefined) continue;
    if (known[key] !== undefined && (property.computed || !(key in table.inputs))) outputs[key] = known[key];
    else if (property.computed) outputs[key] = UNKNOWN;
  }
  return outputs;
}

function markValue(provider: ProviderTable, type: string, value: Value, source: Value | undefined): Value {
  if (value instanceof Secret) return value;
  if (source instanceof Secret) return new Secret(reveal(value));
  const shape = shapeOf(type);
  if (shape.kind === "list" && Array.isArray(value))
    return value.map((item) => markValue(provider, shape.of, item, undefined));
  if (shape.kind === "map" && isProperties(value)) {
    const given = isProperties(source) ? source : {};
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, markValue(provider, shape.of, item, given[key])]),
    );
  }
  if (shape.kind === "object" && isProperties(value)) {
    return markSecrets(provider, provider.types[shape.name] ?? {}, value, isProperties(source) ? source : {});
  }
  return value;
}

/** Marks as secret what the table says is, and what was secret among the inputs it comes from. */
export function markSecrets(
  provider: ProviderTable | undefined,
  table: ObjectTable,
  outputs: Properties,
  inputs: Properties,
): Properties {
  const marked: Properties = {};
  for (const [key, value] of Object.entries(outputs)) {
    const source = inputs[key];
    const property = table[key];
    if (value instanceof Secret) marked[key] = value;
    else if (property?.secret || source instanceof Secret || (Array.isArray(source) && hasSecret(source)))
      marked[key] = new Secret(reveal(value));
    else if (provider && property) marked[key] = markValue(provider, property.type, value, source);
    else marked[key] = hasSecret(source) && !hasSecret(value) ? new Secret(value) : value;
  }
  return marked;
}

/** Keeps of a live value the parts that the program once gave, so that what the rack added by itself is no difference. */
function project(live: Value, old: Value, before: Value | undefined): Value {
  if (old instanceof Secret) {
    const inner = project(live, old.value, before);
    return same(inner, old.value) ? old : new Secret(inner);
  }
  if (Array.isArray(live) && Array.isArray(old) && live.length === old.length) {
    const was = Array.isArray(before) && before.length === live.length ? before : [];
    return live.map((item, index) => project(item, old[index] ?? null, was[index]));
  }
  if (isProperties(live) && isProperties(old)) return projectAll(live, old, isProperties(before) ? before : {});
  return same(live, old) ? old : live;
}

function projectAll(live: Properties, old: Properties, before: Properties): Properties {
  const inputs: Properties = {};
  for (const [key, value] of Object.entries(old)) {
    const found = live[key];
    if (found !== undefined && found !== null) inputs[key] = project(found, value, before[key]);
  }
  for (const [key, value] of Object.entries(live)) {
    // Not given by the program, and not as we left it: somebody changed it on the rack.
    if (
      old[key] === undefined &&
      value !== null &&
      !same(value, before[key] === undefined ? null : reveal(before[key]))
    )
      inputs[key] = value;
  }
  return inputs;
}

/** The inputs that would make what `Read` found: `live` compared with the old inputs and the old state. */
export function inputsFromLive(
  provider: ProviderTable | undefined,
  table: ResourceTable | undefined,
  live: Properties,
  oldInputs: Properties,
  oldState: Properties,
): Properties {
  const importing = Object.keys(oldInputs).length === 0 && Object.keys(oldState).length === 0;
  const named = (key: string) => table === undefined || key in table.inputs;
  const candidates = Object.fromEntries(Object.entries(live).filter(([key]) => named(key)));
  const before: Properties = importing && provider && table ? withDefaults(provider, table.inputs, {}) : oldState;
  return projectAll(candidates, oldInputs, before);
}
