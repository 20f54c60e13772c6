// What one endpoint of the API is: a method, a path, the parameters that its schema knows, and what it does to the rack.
import type { Context } from "../plugin/contract.ts";

/** Parameters of a request, as text: pveproxy reads forms and query strings alike, and puts a NUL between values of one name. */
export type Parameters = Readonly<Record<string, string>>;

/** A call of an endpoint. */
export interface Call {
  /** As the lab's plug-in knows it: the rack, and the host that answers. */
  readonly context: Context;
  /** Values of `{…}` in the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly parameters: Parameters;
  /** Runs work as a task of a host; what it throws is the task's end. Answers the task's id. */
  task(node: string, type: string, id: string, work: () => void): string;
  /** State of a task. Throws as the API does when there is none. */
  taskState(upid: string): TaskState;
}

/** What a task came to. */
export interface TaskState {
  readonly node: string;
  readonly type: string;
  readonly id: string;
  /** `OK`, or the message it died with. */
  readonly exitStatus: string;
}

/** One endpoint. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** `/nodes/{node}/network`. */
  readonly path: string;
  /** Names of parameters; `net[n]` stands for `net0`, `net1` … @default - none */
  readonly accepts?: readonly string[];
  /** Names that must be there. @default - none */
  readonly requires?: readonly string[];
  /** What comes back is `data` of the answer. */
  readonly answer: (call: Call) => unknown;
}

/** `1`, `on`, `true`, `yes`: PVE's booleans. */
export const isTrue = (text: string | undefined): boolean => /^(1|on|yes|true)$/i.test(text ?? "");

/** Values of a parameter that may be given several times. */
export const severalOf = (text: string | undefined): string[] => (text ? text.split("\0") : []);

/** PVE's answer for a boolean. */
export const bit = (value: boolean): 0 | 1 => (value ? 1 : 0);

/** `a=1,b=2` with an optional first value that has no name. */
export function propertyString(text: string, unnamed = ""): Record<string, string> {
  const parts = text.split(",").filter((part) => part !== "");
  return Object.fromEntries(
    parts.map((part): [string, string] => {
      const equals = part.indexOf("=");
      return equals < 0 ? [unnamed, part] : [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
}

/** The reverse of `propertyString`. */
export function renderProperties(values: Readonly<Record<string, string | undefined>>, unnamed = ""): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [name === unnamed ? value : `${name}=${value}`]))
    .join(",");
}

/** A list of names to unset, from `delete`. */
export const toDelete = (parameters: Parameters): string[] =>
  (parameters["delete"] ?? "").split(/[,;\s\0]+/).filter(Boolean);
