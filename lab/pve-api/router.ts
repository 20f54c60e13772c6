// Finds the endpoint of a path, and the parameters that its schema does not know.
import type { Endpoint, Parameters } from "./endpoint.ts";

/** An endpoint and the values of its path. */
interface Found {
  readonly endpoint: Endpoint;
  readonly path: Readonly<Record<string, string>>;
}

/** The endpoint for a path without the API's base; a literal part goes before a value. */
export function findEndpoint(endpoints: readonly Endpoint[], method: string, path: string): Found | undefined {
  const parts = split(path);
  const found = endpoints.flatMap((endpoint) => {
    const values = endpoint.method === method ? match(split(endpoint.path), parts) : undefined;
    return values === undefined ? [] : [{ endpoint, path: values }];
  });
  return found.sort((a, b) => Object.keys(a.path).length - Object.keys(b.path).length)[0];
}

const split = (path: string): string[] => path.split("/").filter((part) => part !== "");

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = decodeURIComponent(parts[index] ?? "");
    const [, name] = /^\{(\w+)\}$/.exec(expected) ?? [];
    if (name !== undefined) values[name] = part;
    else if (expected !== part) return undefined;
  }
  return values;
}

/** What is wrong with the parameters, by name, in the API's words. */
export function refusedParameters(
  { accepts = [], requires = [] }: Endpoint,
  parameters: Parameters,
): Record<string, string> {
  const known = [...accepts, ...requires].map((name) => new RegExp(`^${name.replace("[n]", "\\d+")}$`));
  const unknown = Object.keys(parameters).filter((name) => !known.some((pattern) => pattern.test(name)));
  const missing = requires.filter((name) => parameters[name] === undefined);
  return Object.fromEntries([
    ...unknown.map((name) => [
      name,
      "property is not defined in schema and the schema does not allow additional properties",
    ]),
    ...missing.map((name) => [name, "property is missing and it is not optional"]),
  ]);
}
