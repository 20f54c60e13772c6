// Compares values with a schema, and one schema with another. Every complaint is one line; none means all is well.
import { type ObjectTable, type ResourceTable, shapeOf } from "../../lab/plugin/table.ts";

/** The named types that a schema refers to. */
export type NamedTypes = Readonly<Record<string, ObjectTable>>;

/** What is wrong with the inputs of a resource: properties the provider does not know, values of another type, what is missing. */
export function checkInputs(
  resource: ResourceTable,
  types: NamedTypes,
  inputs: Readonly<Record<string, unknown>>,
): string[] {
  return checkObject(resource.inputs, types, inputs, "");
}

function checkObject(
  table: ObjectTable,
  types: NamedTypes,
  value: Readonly<Record<string, unknown>>,
  path: string,
): string[] {
  const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const missing = Object.entries(table).flatMap(([key, property]) =>
    property.required === true && value[key] === undefined ? [`${at(key)} is required`] : [],
  );
  const wrong = Object.entries(value).flatMap(([key, field]) => {
    // `__…` is the SDK's own.
    if (key.startsWith("__") || field === undefined || field === null) return [];
    const property = table[key];
    return property === undefined ? [`${at(key)} is unknown`] : checkValue(property.type, types, field, at(key));
  });
  return [...missing, ...wrong];
}

function checkValue(type: string, types: NamedTypes, value: unknown, path: string): string[] {
  const shape = shapeOf(type);
  const wrong = [`${path} should be ${type}, is ${JSON.stringify(value)}`];
  switch (shape.kind) {
    case "list":
      return Array.isArray(value)
        ? value.flatMap((item, i) => checkValue(shape.of, types, item, `${path}[${i}]`))
        : wrong;
    case "map":
      return isRecord(value)
        ? Object.entries(value).flatMap(([key, item]) => checkValue(shape.of, types, item, `${path}.${key}`))
        : wrong;
    case "object": {
      const table = types[shape.name];
      // An enumeration: what it is made of is in no class.
      if (table === undefined) return typeof value === "string" ? [] : wrong;
      return isRecord(value) ? checkObject(table, types, value, path) : wrong;
    }
    case "integer":
      return Number.isInteger(value) ? [] : wrong;
    case "any":
    case "asset":
      return [];
    default:
      return typeof value === shape.kind ? [] : wrong;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One schema's tables and types. */
export interface Side {
  readonly table: ObjectTable;
  readonly types: NamedTypes;
}

/**
 * Where `ours` differs from `official`: names, types, what is required. Types are followed into objects, whatever they are called.
 * @param compareRequired whether both say what is required (outputs do not)
 */
export function compareTables(ours: Side, official: Side, compareRequired: boolean, path = ""): string[] {
  const names = [...new Set([...Object.keys(ours.table), ...Object.keys(official.table)])].sort();
  return names.flatMap((name) => {
    const at = path === "" ? name : `${path}.${name}`;
    const mine = ours.table[name];
    const theirs = official.table[name];
    if (mine === undefined) return [`${at} is missing`];
    if (theirs === undefined) return [`${at} does not exist officially`];
    const required = compareRequired && (mine.required ?? false) !== (theirs.required ?? false);
    return [
      ...(required ? [`${at} is officially ${theirs.required === true ? "required" : "optional"}`] : []),
      ...compareTypes(mine.type, ours.types, theirs.type, official.types, compareRequired, at),
    ];
  });
}

function compareTypes(
  mine: string,
  myTypes: NamedTypes,
  theirs: string,
  theirTypes: NamedTypes,
  compareRequired: boolean,
  path: string,
): string[] {
  const [a, b] = [shapeOf(mine), shapeOf(theirs)];
  if ((a.kind === "list" || a.kind === "map") && a.kind === b.kind) {
    return compareTypes(a.of, myTypes, b.of, theirTypes, compareRequired, `${path}[]`);
  }
  if (a.kind === "object" && b.kind === "object") {
    const [left, right] = [myTypes[a.name], theirTypes[b.name]];
    // Types that refer to themselves would never end.
    if (left === undefined || right === undefined || path.split(".").length > 8) return [];
    return compareTables({ table: left, types: myTypes }, { table: right, types: theirTypes }, compareRequired, path);
  }
  // An enumeration is a text in one of the two.
  const sameWord =
    a.kind === b.kind || (a.kind === "string" && b.kind === "object" && theirTypes[b.name] === undefined);
  return sameWord ? [] : [`${path} is officially ${theirs}, not ${mine}`];
}
