// Reads Pulumi.<stack>.yaml as a person sees it: values with their lines, and shape errors as Problems.
import { readFileSync } from "node:fs";
import { type Document, isMap, isNode, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import type { LineOf, Problem } from "../plan/problems.ts";
import { type Environment, environmentSchema } from "./schema.ts";

/** The project's namespace in a stack file. */
export const namespace = "homelab";
const environmentKey = `${namespace}:environment`;

/** A stack file, parsed. */
export interface StackFile {
  /** Path as shown to a person. */
  readonly file: string;
  /** Raw value of `homelab:environment`; undefined if there is none. */
  readonly environment: unknown;
  /** Raw value of `homelab:simulation`; undefined on real hardware. */
  readonly simulation: unknown;
  /** Line (1-based) of a path inside the environment, or of its nearest parent that is there. */
  readonly lineOf: LineOf;
  /** YAML mistakes: wrong indentation, a key twice … */
  readonly problems: readonly Problem[];
}

/** Name of the file of a stack. */
export function stackFileName(stack: string): string {
  return `Pulumi.${stack}.yaml`;
}

/**
 * Reads one stack file.
 * @throws the system's error if the file cannot be read.
 */
export function readStackFile(directory: string, stack: string): StackFile {
  const file = stackFileName(stack);
  return parseStackFile(file, readFileSync(`${directory}/${file}`, "utf8"));
}

/** Parses the text of a stack file. */
export function parseStackFile(file: string, text: string): StackFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: true });
  const problems = document.errors.map((error): Problem => {
    const line = error.linePos?.[0].line;
    return {
      code: "yaml-invalid",
      severity: "error",
      path: line === undefined ? file : `line ${line}`,
      message: `${firstLine(error.message)}; correct the YAML`,
    };
  });
  const config = document.errors.length > 0 ? undefined : document.get("config");
  const node = isMap(config) ? config.get(environmentKey, true) : undefined;
  const simulation = isMap(config) ? config.get(`${namespace}:simulation`, true) : undefined;
  return {
    file,
    environment: toData(node, document),
    simulation: toData(simulation, document),
    lineOf: (path) => lineIn(node as Node | undefined, path, lines),
    problems,
  };
}

const firstLine = (text: string): string => (text.split("\n")[0] ?? text).replace(/:$/, "");

const toData = (node: unknown, document: Document): unknown => (isNode(node) ? node.toJS(document) : undefined);

/** Splits `a.b[2].c`; keys with dots in them do not occur in the schema's maps of labels. */
function segments(path: string): (string | number)[] {
  return path.split(/\.|(?=\[)/).map((part) => (/^\[\d+\]$/.test(part) ? Number(part.slice(1, -1)) : part));
}

function lineIn(root: Node | undefined, path: string, lines: LineCounter): number | undefined {
  let node: Node | undefined = root;
  let line: number | undefined;
  const at = (offset: number | undefined): void => {
    if (offset !== undefined) line = lines.linePos(offset).line;
  };
  at(root?.range?.[0]);
  for (const segment of path === "" ? [] : segments(path)) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => String((item.key as { value?: unknown }).value ?? item.key) === String(segment),
      );
      if (pair === undefined) return line;
      at((pair.key as Node).range?.[0]);
      node = pair.value as Node | undefined;
    } else if (isSeq(node) && typeof segment === "number") {
      node = node.items[segment] as Node | undefined;
      at(node?.range?.[0]);
    } else return line;
  }
  return line;
}

/** The environment if its shape is right, and every shape error otherwise. */
export function parseEnvironment(raw: unknown): { environment?: Environment; problems: Problem[] } {
  const reserved = reservedNames(raw, []);
  if (reserved.length > 0) return { problems: reserved };
  const result = environmentSchema.safeParse(raw, { reportInput: true });
  if (result.success) return { environment: result.data, problems: [] };
  const problems = result.error.issues.flatMap((issue): Problem[] => {
    const path = formatPath(issue.path);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        code: "key-unknown",
        severity: "error",
        path: path === "" ? key : `${path}.${key}`,
        message: `"${key}" is no setting here; correct its spelling or remove it`,
      }));
    }
    return [{ code: "shape-invalid", severity: "error", path, message: explain(issue) }];
  });
  return { problems };
}

/** What is wrong with the shape of a value, with the value. */
function explain(issue: z.core.$ZodIssue): string {
  const value = shorten(issue.input);
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return `is missing; add it (${issue.expected})`;
      return `${value} is no ${issue.expected}; write one`;
    case "invalid_value":
      return `${value} is none of the possible values; use ${issue.values.join(" or ")}`;
    case "invalid_union":
      return `${value} has none of the possible forms; see docs/reference/environment.md`;
    case "invalid_key":
      return `${value} is no name; it ${issue.issues.map((inner) => inner.message).join(", ")}`;
    case "invalid_format":
      return `${value} ${issue.message}; correct it`;
    default:
      return `${value} does not fit; ${lower(issue.message)}`;
  }
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** Words that every JavaScript object answers to: as a name in the description they would find something that nobody wrote. */
const reservedWords = new Set(Object.getOwnPropertyNames(Object.prototype));

function reservedNames(value: unknown, path: readonly PropertyKey[]): Problem[] {
  const found = (name: string, where: readonly PropertyKey[]): Problem => ({
    code: "name-reserved",
    severity: "error",
    path: formatPath(where),
    message: `"${name}" is a word of the programming language; choose another name`,
  });
  if (typeof value === "string") return reservedWords.has(value) ? [found(value, path)] : [];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, i) => reservedNames(item, [...path, i]));
  return Object.entries(value).flatMap(([key, item]) => [
    ...(reservedWords.has(key) ? [found(key, path)] : []),
    ...reservedNames(item, [...path, key]),
  ]);
}

const lower = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
}
